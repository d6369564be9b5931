from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import Tenant

TENANT = Resource(noun="tenant", prefix=Prefix("ten"), model=Tenant, reads="tenant:read")
