from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.figures import AggregateAnswer
from crm_api.kit.http import answered, changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import NOT_TWICE, resource
from crm_api.platform.external_ids import router as external_ids

from .queries import ReceiptAggregate, ReceiptPage, ReceiptQuery, ReceiptSearch, ReceiptShown
from .resource import RECEIPT
from .schemas import (
    ReceiptAllocate,
    ReceiptBatch,
    ReceiptCreate,
    ReceiptDeallocate,
    ReceiptId,
    ReceiptRead,
    ReceiptReverse,
    ReceiptUpdate,
    ReceiptUpsert,
)
from .service import ReceiptService

ids_in_paths(RECEIPT.prefix)
router = resource("receipts", "receipts")
by_external_ids = external_ids.by_external_ids(
    external_ids.Known(
        noun=RECEIPT,
        service=ReceiptService,
        read=ReceiptRead,
        shown=ReceiptShown,
        upsert=ReceiptUpsert,
        batch=ReceiptBatch,
        ended="A confirmed receipt keeps what it says of the money: 409 for another amount.",
    )
)

Reader = Annotated[ReceiptService, provide(ReceiptService, "receipts:read")]
Writer = Annotated[ReceiptService, provide(ReceiptService, "receipts:write")]


@router.get("", response_model=ReceiptPage)
async def list_receipts(
    receipts: Reader, query: Annotated[ReceiptQuery, asked(ReceiptQuery)]
) -> Response:
    """List receipts, newest first; with `has_credit=true` those that pay for orders to come."""
    return listed(await receipts.list(query))


@router.post("", status_code=201, response_model=ReceiptRead, openapi_extra=NOT_TWICE)
async def create_receipt(receipts: Writer, data: ReceiptCreate) -> Response:
    """Write down money that came in, as a draft or confirmed at once.

    What is not allocated to orders stays the customer's credit, and can be allocated later. An
    event of a payment provider that is a receipt already is 409, which names that receipt.
    """
    return created(await receipts.create(data))


@router.post("/search", response_model=ReceiptPage)
async def search_receipts(receipts: Reader, data: ReceiptSearch) -> Response:
    """Find receipts by a filter over their fields, and over those of their customers."""
    return answered((await receipts.search(data)).body)


@router.post("/aggregate", response_model=AggregateAnswer)
async def aggregate_receipts(receipts: Reader, data: ReceiptAggregate) -> Response:
    """Count receipts, and reckon over their fields, in groups of up to three fields.

    What came in is the sum of `amount` of confirmed and reversed ones, grouped by `currency`: a
    reversal is confirmed, and takes off what it reverses.
    """
    return answered(await receipts.aggregate(data))


@router.get("/{id:rcp}", response_model=ReceiptRead)
async def get_receipt(
    receipts: Reader, id: ReceiptId, query: Annotated[ReceiptShown, asked(ReceiptShown)]
) -> Response:
    """Read a receipt."""
    return found(await receipts.get(id, query.expand))


@router.patch("/{id:rcp}", response_model=ReceiptRead)
async def update_receipt(receipts: Writer, id: ReceiptId, data: ReceiptUpdate) -> Response:
    """Change a draft, or the note and the external ids of another receipt (409 for the rest)."""
    return changed(await receipts.update(id, data))


@router.post("/{id:rcp}/confirm", response_model=ReceiptRead, openapi_extra=NOT_TWICE)
async def confirm_receipt(receipts: Writer, id: ReceiptId) -> Response:
    """Say that the money is there. The orders that it is allocated to are paid, all or none."""
    return changed(await receipts.confirm(id))


@router.post("/{id:rcp}/allocate", response_model=ReceiptRead, openapi_extra=NOT_TWICE)
async def allocate_receipt(receipts: Writer, id: ReceiptId, data: ReceiptAllocate) -> Response:
    """Pay for orders from a confirmed receipt, beside those that it pays for already.

    They are the same customer's, in the same currency, and under way; none is paid more than is
    due, and all together no more than is left of the receipt.
    """
    return changed(await receipts.allocate(id, data))


@router.post("/{id:rcp}/deallocate", response_model=ReceiptRead, openapi_extra=NOT_TWICE)
async def deallocate_receipt(receipts: Writer, id: ReceiptId, data: ReceiptDeallocate) -> Response:
    """Take a receipt off some orders again: what it paid for them is credit."""
    return changed(await receipts.deallocate(id, data))


@router.post("/{id:rcp}/reverse", response_model=ReceiptRead, openapi_extra=NOT_TWICE)
async def reverse_receipt(receipts: Writer, id: ReceiptId, data: ReceiptReverse) -> Response:
    """Take a confirmed receipt back, because the money is not there, or was somebody else's.

    That makes another receipt, of the negative amount (`reversed_by_id`); orders that it paid for
    are not paid by it any more.
    """
    return changed(await receipts.reverse(id, data))
