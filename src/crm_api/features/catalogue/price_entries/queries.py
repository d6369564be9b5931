"""Which prices the books have."""

from typing import Annotated, Literal

from pydantic import Field

from crm_api.features.catalogue.price_books.queries import InForceOn
from crm_api.features.catalogue.price_books.schemas import PriceBookId
from crm_api.features.catalogue.products.schemas import ProductId
from crm_api.kit.filters import Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.times import CalendarDate

from .schemas import PriceEntryRead


class PriceEntryPage(Page[PriceEntryRead]):
    """One page of price entries."""


class PriceEntryQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    price_book_id: Annotated[list[PriceBookId], Where("price_book_id"), Field(max_length=50)] = []
    product_id: Annotated[list[ProductId], Where("product_id"), Field(max_length=50)] = []
    in_force_on: Annotated[
        CalendarDate | None,
        InForceOn(),
        Field(description="Those that are in force on this day."),
    ] = None
