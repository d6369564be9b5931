from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import PriceEntry

PRICE_ENTRY = Resource(
    noun="price entry", prefix=Prefix("pre"), model=PriceEntry, reads="price_books:read"
)
