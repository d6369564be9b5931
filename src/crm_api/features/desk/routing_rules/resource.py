from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .models import RoutingRule

ROUTING_RULE = Resource(noun="routing rule", prefix=Prefix("rou"), model=RoutingRule)
residents[ROUTING_RULE.word] = table_of(RoutingRule).c.business_unit_id
