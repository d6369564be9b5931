from typing import Annotated

from fastapi import Response

from crm_api.features.pipeline.deals.resource import DEAL
from crm_api.features.pipeline.deals.schemas import DealId, DealRead
from crm_api.features.pipeline.stays.schemas import StageStayPage, StayQuery
from crm_api.kit.asked import asked
from crm_api.kit.http import changed, listed, said
from crm_api.kit.languages import language_headers
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import SEEN, resource

from .schemas import DealLoss, DealMove, DealReopening, DealTransitions, DealWin
from .service import MoveService

ids_in_paths(DEAL.prefix)
router = resource("deals", "deals")

Reader = Annotated[MoveService, provide(MoveService, "deals:read", "pipelines:read")]
Mover = Annotated[MoveService, provide(MoveService, "deals:write")]
Reopener = Annotated[MoveService, provide(MoveService, "deals:write", "deals:reopen")]


@router.get("/{id:dea}/transitions", response_model=DealTransitions)
async def get_deal_transitions(moves: Reader, id: DealId) -> Response:
    """List where a deal could go in its pipeline now; what is refused says why.

    Ask before you show buttons: each move names its operation and what is in its way.
    """
    told = await moves.transitions(id)
    return said(told, *language_headers(moves.ctx.language))


@router.get("/{id:dea}/stage-history", response_model=StageStayPage)
async def list_deal_stage_history(
    moves: Reader, id: DealId, query: Annotated[StayQuery, asked(StayQuery)]
) -> Response:
    """List the stages where a deal has been, from when to when, and what it was worth then.

    An open deal has one stay without an end, a closed one none. A stage that it went past counts
    as come and left in the same moment.
    """
    return listed(await moves.history(id, query))


@router.post("/{id:dea}/move", response_model=DealRead, openapi_extra=SEEN)
async def move_deal(moves: Mover, id: DealId, data: DealMove) -> Response:
    """Bring an open deal to another open stage. `If-Match` is required (428).

    What is in the way is told by 409 `invalid-transition`, with the stages that are `allowed`.
    """
    return changed(await moves.move(id, data))


@router.post("/{id:dea}/win", response_model=DealRead, openapi_extra=SEEN)
async def win_deal(moves: Mover, id: DealId, data: DealWin) -> Response:
    """Close a deal as won. `If-Match` is required (428).

    Its amount in the tenant's currency is that of today's rate from now on: without a rate it is
    refused (409).
    """
    return changed(await moves.win(id, data))


@router.post("/{id:dea}/lose", response_model=DealRead, openapi_extra=SEEN)
async def lose_deal(moves: Mover, id: DealId, data: DealLoss) -> Response:
    """Close a deal as lost, and say why. `If-Match` is required (428)."""
    return changed(await moves.lose(id, data))


@router.post("/{id:dea}/reopen", response_model=DealRead, openapi_extra=SEEN)
async def reopen_deal(moves: Reopener, id: DealId, data: DealReopening) -> Response:
    """Work on a closed deal again, and say why. `If-Match` is required (428).

    It comes back to the stage where it was last, or to another one. Its history keeps both ends.
    """
    return changed(await moves.reopen(id, data))
