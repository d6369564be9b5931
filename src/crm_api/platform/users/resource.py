from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .belongings import Belongings, Sole, belongings
from .models import User, UserState

USERS = table_of(User)
USER = Resource(
    noun="user",
    prefix=Prefix("usr"),
    model=User,
    states={
        UserState.invited: (UserState.active, UserState.revoked),
        UserState.active: (UserState.suspended, UserState.departed),
        UserState.suspended: (UserState.active, UserState.departed),
        UserState.departed: (),
        UserState.revoked: (),
    },
)
residents[USER.word] = USERS.c.business_unit_id
belongings[USER.word] = Belongings(
    USER,
    roles=(Sole("manager", USERS.c.manager_id),),
    state=USERS.c.state,
    live=(UserState.invited, UserState.active, UserState.suspended),
)
