from typing import Annotated

from fastapi import Response

from crm_api.kit.http import said
from crm_api.kit.provide import provide
from crm_api.kit.unit_route import resource

from .schemas import PriceQuestion, ResolvedPrices
from .service import PriceService

router = resource("prices", "prices")

Reader = Annotated[PriceService, provide(PriceService, "price_books:read")]


@router.post("/resolve", response_model=ResolvedPrices)
async def resolve_prices(prices: Reader, data: PriceQuestion) -> Response:
    """Tell what products cost a customer on a day, and why.

    Looked in are the book that fits the customer best, its parents, the default book of the
    currency, and last the product's list price. In a book an entry counts, of those in force the
    one with the greatest `min_quantity` that is bought; without one, the first rule that fits.
    """
    return said(await prices.answer(data))
