from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.figures import AggregateAnswer
from crm_api.kit.http import answered, changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource
from crm_api.platform.external_ids import router as external_ids
from crm_api.platform.users.schemas import CollaboratorsChange

from .queries import DealAggregate, DealPage, DealQuery, DealSearch, DealShown, DealThen
from .resource import DEAL
from .schemas import (
    DealBatch,
    DealCreate,
    DealId,
    DealRead,
    DealUpdate,
    DealUpsert,
)
from .service import DealService

ids_in_paths(DEAL.prefix)
router = resource("deals", "deals")
by_external_ids = external_ids.by_external_ids(
    external_ids.Known(
        noun=DEAL,
        service=DealService,
        read=DealRead,
        shown=DealShown,
        upsert=DealUpsert,
        batch=DealBatch,
    )
)

Reader = Annotated[DealService, provide(DealService, "deals:read")]
Writer = Annotated[DealService, provide(DealService, "deals:write")]


@router.get("", response_model=DealPage)
async def list_deals(deals: Reader, query: Annotated[DealQuery, asked(DealQuery)]) -> Response:
    """List deals, live ones unless `state` says otherwise, newest first.

    A column of a board is `stage_id` with `status=open`; "my deals" is `owner_id`.
    """
    return listed(await deals.list(query))


@router.post("", status_code=201, response_model=DealRead)
async def create_deal(deals: Writer, data: DealCreate) -> Response:
    """Begin a deal with a customer, in the first stage of the unit's pipeline or in another one."""
    return created(await deals.create(data))


@router.post("/search", response_model=DealPage)
async def search_deals(deals: Reader, data: DealSearch) -> Response:
    """Find deals by a filter over their fields, and over those of their customers."""
    return answered((await deals.search(data)).body)


@router.post("/aggregate", response_model=AggregateAnswer)
async def aggregate_deals(deals: Reader, data: DealAggregate) -> Response:
    """Count deals, and reckon over their fields, in groups of up to three fields.

    Amounts of several currencies are summed up as `base_amount`.
    """
    return answered(await deals.aggregate(data))


@router.get("/{id:dea}", response_model=DealRead)
async def get_deal(
    deals: Reader, id: DealId, query: Annotated[DealThen, asked(DealThen)]
) -> Response:
    """Read a deal, also as it was before. An archived one is answered: look at its `state`."""
    return found(await deals.get(id, query.expand, query.as_of))


@router.patch("/{id:dea}", response_model=DealRead)
async def update_deal(deals: Writer, id: DealId, data: DealUpdate) -> Response:
    """Change some fields of a deal; where it is in its pipeline is changed by `move`.

    What a closed deal was when it was closed stays so (409): its amount, its owner, its dates.
    """
    return changed(await deals.update(id, data))


@router.post("/{id:dea}/archive", response_model=DealRead)
async def archive_deal(deals: Writer, id: DealId) -> Response:
    """Hide a deal from daily work and from reports, such as one that was made by mistake."""
    return changed(await deals.archive(id))


@router.post("/{id:dea}/restore", response_model=DealRead)
async def restore_deal(deals: Writer, id: DealId) -> Response:
    """Bring an archived deal back into daily work."""
    return changed(await deals.restore(id))


@router.post("/{id:dea}/add-collaborators", response_model=DealRead)
async def add_deal_collaborators(deals: Writer, id: DealId, data: CollaboratorsChange) -> Response:
    """Add users who work on the deal, whatever others add at the same time."""
    return changed(await deals.add_collaborators(id, data))


@router.post("/{id:dea}/remove-collaborators", response_model=DealRead)
async def remove_deal_collaborators(
    deals: Writer, id: DealId, data: CollaboratorsChange
) -> Response:
    """Remove users who worked on the deal, whatever others change at the same time."""
    return changed(await deals.remove_collaborators(id, data))
