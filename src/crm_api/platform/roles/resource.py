from crm_api.kit.ids import Prefix
from crm_api.kit.machines import live_and_archived
from crm_api.kit.resource import Resource

from .models import Role, RoleState

ROLE = Resource(
    noun="role",
    prefix=Prefix("rol"),
    model=Role,
    machines={"state": live_and_archived(RoleState)},
)
