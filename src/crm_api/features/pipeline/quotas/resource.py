from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .models import Quota

QUOTA = Resource(noun="quota", prefix=Prefix("qta"), model=Quota)
residents[QUOTA.word] = table_of(Quota).c.business_unit_id
