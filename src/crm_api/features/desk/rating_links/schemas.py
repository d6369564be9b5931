from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from crm_api.features.desk.rating_policies.schemas import KIND, RatingKind
from crm_api.features.desk.ratings.schemas import RatingRead, RatingState
from crm_api.kit.times import Timestamp

from .rules import tenant_of as tenant_of


class Linked(BaseModel):
    """What a token leads to."""

    id: UUID
    ticket_id: UUID
    kind: RatingKind
    state: RatingState
    expires_at: Timestamp | None
    number: str
    subject: str


class RatingWithToken(RatingRead):
    """A rating, and a new link for the customer."""

    token: Annotated[
        str,
        Field(
            description="Whoever has it answers for the customer: put it into a link to your own "
            "page and send that to nobody else. It is never shown again. "
            "`GET /v1/ratings/by-token/{token}` says what is asked, POST there answers; neither "
            "needs a key.",
            examples=[
                "crm_rating_AZorfE1efmChssPU5fYHGAGaK3xNXn9gobLD1OX2BxgkQm3s7VtYw0aZ1cXe9uBh"
            ],
        ),
    ]


class RatingAsked(BaseModel):
    """What a customer who has the link is asked."""

    object: Literal["rating_link"]
    asked_by: Annotated[str, Field(description="The name of the tenant.")]
    languages: Annotated[list[str], Field(description="Those of the tenant, the first one first.")]
    number: Annotated[str, Field(description="Of the ticket.", examples=["TIC-2026-000001"])]
    subject: Annotated[str, Field(description="Of the ticket.", examples=["The filler leaks"])]
    kind: Annotated[str, KIND]
    lowest: Annotated[int, Field(description="The lowest score.", examples=[1])]
    highest: Annotated[int, Field(description="The highest score.", examples=[5])]
    expires_at: Annotated[Timestamp | None, Field(description="Until then an answer is taken.")]
