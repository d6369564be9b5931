from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import live_and_archived
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .models import PriceBook, PriceBookState

PRICE_BOOK = Resource(
    noun="price book",
    prefix=Prefix("pbk"),
    model=PriceBook,
    machines={"state": live_and_archived(PriceBookState)},
    merges={"price_books.customer_id": "repoint"},
)
residents[PRICE_BOOK.word] = table_of(PriceBook).c.business_unit_id
