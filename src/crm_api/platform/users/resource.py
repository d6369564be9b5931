from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .models import User, UserState

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
residents[USER.word] = table_of(User).c.business_unit_id
