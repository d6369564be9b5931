from crm_api.kit.repository import Repository

from .models import Role
from .resource import ROLE
from .schemas import RoleRead


class RoleRepository(Repository[Role, RoleRead]):
    model = Role
    noun = ROLE
    read = RoleRead
