from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .models import NumberPattern

NUMBER_PATTERN = Resource(noun="number pattern", prefix=Prefix("nup"), model=NumberPattern)
residents[NUMBER_PATTERN.word] = table_of(NumberPattern).c.business_unit_id
