from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.batch import Outcomes, answered
from crm_api.kit.http import changed, created, found, gone, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .queries import PriceEntryPage, PriceEntryQuery
from .resource import PRICE_ENTRY
from .schemas import (
    PriceEntryBatch,
    PriceEntryCreate,
    PriceEntryId,
    PriceEntryRead,
    PriceEntryUpdate,
)
from .service import PriceEntryService

ids_in_paths(PRICE_ENTRY.prefix)
router = resource("price-entries", "price-entries")

Reader = Annotated[PriceEntryService, provide(PriceEntryService, "price_books:read")]
Writer = Annotated[PriceEntryService, provide(PriceEntryService, "price_books:write")]


@router.get("", response_model=PriceEntryPage)
async def list_price_entries(
    entries: Reader, query: Annotated[PriceEntryQuery, asked(PriceEntryQuery)]
) -> Response:
    """List prices, of a book, of a product, or of both."""
    return listed(await entries.list(query))


@router.post("", status_code=201, response_model=PriceEntryRead)
async def create_price_entry(entries: Writer, data: PriceEntryCreate) -> Response:
    """Enter what a product costs in a price book, for whoever buys so much, in a period.

    On each day a book has one price of a product from a quantity on (409).
    """
    return created(await entries.create(data))


@router.get("/{id:pre}", response_model=PriceEntryRead)
async def get_price_entry(entries: Reader, id: PriceEntryId) -> Response:
    """Read a price."""
    return found(await entries.get(id))


@router.patch("/{id:pre}", response_model=PriceEntryRead)
async def update_price_entry(entries: Writer, id: PriceEntryId, data: PriceEntryUpdate) -> Response:
    """Correct a price, or let it end. For another one from a day on, let this one end on that day,
    and enter the other."""
    return changed(await entries.update(id, data))


@router.delete("/{id:pre}", status_code=204)
async def delete_price_entry(entries: Writer, id: PriceEntryId) -> Response:
    """Delete a price that should not be there."""
    await entries.delete(id)
    return gone()


@router.post("/batch-upsert", response_model=Outcomes, responses={207: {"model": Outcomes}})
async def upsert_price_entries(entries: Writer, data: PriceEntryBatch) -> Response:
    """Enter or change up to 100 prices, in one statement: each is known by its book, its product,
    its `min_quantity` and its `valid_from_on`.

    A price that is there already makes no new version and no event; a bad item costs only itself,
    unless the batch is `atomic`. A `valid_until_on` that is not sent stays.
    """
    return answered(entries.ctx, await entries.upsert(data))
