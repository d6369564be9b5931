from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import RoleAssignment

ROLE_ASSIGNMENT = Resource(noun="role assignment", prefix=Prefix("ras"), model=RoleAssignment)
