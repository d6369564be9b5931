from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .belongings import Belongings, Sole, belongings
from .models import User, UserState

USERS = table_of(User)
USER = Resource(
    noun="user",
    prefix=Prefix("usr"),
    model=User,
    machines={
        "state": Machine(
            UserState.invited,
            (
                Transition("activate", UserState.invited, UserState.active),
                Transition("link", UserState.invited, UserState.active),
                Transition("revoke", UserState.invited, UserState.revoked),
                Transition("suspend", UserState.active, UserState.suspended),
                Transition("reactivate", UserState.suspended, UserState.active),
                Transition("depart", (UserState.active, UserState.suspended), UserState.departed),
            ),
        )
    },
)
residents[USER.word] = USERS.c.business_unit_id
belongings[USER.word] = Belongings(
    USER,
    roles=(Sole("manager", USERS.c.manager_id),),
    state=USERS.c.state,
    live=(UserState.invited, UserState.active, UserState.suspended),
)
