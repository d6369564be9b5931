from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import RoleRule

ROLE_RULE = Resource(noun="role rule", prefix=Prefix("rru"), model=RoleRule)
