from typing import Annotated

from fastapi import Response

from crm_api.features.desk.tickets.schemas import TicketId
from crm_api.kit.asked import asked
from crm_api.kit.http import found, listed, put
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import WHATEVER_VERSION, resource

from .resource import RATING
from .schemas import RatingId, RatingPage, RatingQuery, RatingRead, TicketRating
from .service import RatingService

ids_in_paths(RATING.prefix)
router = resource("ratings", "ratings")
of_tickets = resource("tickets", "ratings")

PLACE = "/v1/ratings"
Reader = Annotated[RatingService, provide(RatingService, "ratings:read")]
Writer = Annotated[RatingService, provide(RatingService, "ratings:read", "tickets:write")]


@router.get("", response_model=RatingPage)
async def list_ratings(
    ratings: Reader, query: Annotated[RatingQuery, asked(RatingQuery)]
) -> Response:
    """List who was asked how satisfied he is, and who was not, newest first.

    "Who should be called" is `is_flagged=true`.
    """
    return listed(await ratings.list(query))


@router.get("/{id:rat}", response_model=RatingRead)
async def get_rating(ratings: Reader, id: RatingId) -> Response:
    """Read a rating."""
    return found(await ratings.get(id))


@of_tickets.post(
    "/{id:tic}/rate",
    response_model=RatingRead,
    responses={201: {"model": RatingRead}},
    openapi_extra=WHATEVER_VERSION,
)
async def rate_ticket(ratings: Writer, id: TicketId, data: TicketRating) -> Response:
    """Write down what the requester says about a resolved ticket by telephone: 200 where he was
    asked, 201 where he was not. A resolution is rated once (409)."""
    return put(await ratings.rate(id, data), PLACE)
