from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .models import RatingPolicy

RATING_POLICY = Resource(noun="rating policy", prefix=Prefix("rpl"), model=RatingPolicy)
residents[RATING_POLICY.word] = table_of(RatingPolicy).c.business_unit_id
