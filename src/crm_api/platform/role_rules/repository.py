from crm_api.kit.repository import Repository

from .models import RoleRule
from .resource import ROLE_RULE
from .schemas import RoleRuleRead


class RoleRuleRepository(Repository[RoleRule, RoleRuleRead]):
    model = RoleRule
    noun = ROLE_RULE
    read = RoleRuleRead
