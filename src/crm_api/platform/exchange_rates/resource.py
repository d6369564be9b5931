from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import ExchangeRate

EXCHANGE_RATE = Resource(noun="exchange rate", prefix=Prefix("fxr"), model=ExchangeRate)
