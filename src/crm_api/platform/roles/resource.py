from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import Role, RoleState

ROLE = Resource(
    noun="role",
    prefix=Prefix("rol"),
    model=Role,
    states={
        RoleState.live: (RoleState.archived,),
        RoleState.archived: (RoleState.live,),
    },
)
