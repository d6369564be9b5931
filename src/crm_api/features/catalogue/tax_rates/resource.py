from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import TaxRate

TAX_RATE = Resource(noun="tax rate", prefix=Prefix("txr"), model=TaxRate)
