from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.features.customers.schemas import CustomerId
from crm_api.features.desk.rating_policies.schemas import KIND, Kind, RatingPolicyId
from crm_api.features.desk.terms.schemas import TYPE
from crm_api.features.desk.tickets.schemas import TicketId
from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, OpenEnum
from crm_api.kit.times import Timestamp
from crm_api.kit.words import say
from crm_api.platform.business_units.criteria import Under
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId
from crm_api.platform.users.schemas import UserId

from .models import Answer as Answer
from .models import Rating, Unasked
from .models import RatingState as RatingState
from .resource import RATING
from .rules import Said as Said
from .rules import check_open as check_open

RatingId = Annotated[UUID, RATING.prefix]
STATE = OpenEnum(
    RatingState,
    queued=say("To be asked"),
    sent=say("Asked"),
    answered=say("Answered"),
    expired=say("Not answered"),
    suppressed=say("Not asked"),
)
REASON = OpenEnum(
    Unasked,
    asked_lately=say("Was asked not long ago"),
    not_resolved=say("The ticket is not resolved any more"),
    disabled=say("Customers are not asked any more"),
)
ANSWER = OpenEnum(Answer, link=say("By the link"), phone=say("By telephone"))
Score = Annotated[
    int,
    Field(
        ge=0,
        le=10,
        description="Of `csat` 1 to 5, of `nps` 0 to 10; more is better.",
        examples=[5],
    ),
]
Comment = Annotated[
    str,
    Field(
        min_length=1,
        max_length=5000,
        description="What the customer says about it, in several lines.",
        examples=["Very fast."],
    ),
]


class RatingAnswer(Input):
    """What a customer says."""

    score: Score
    comment: Comment | None = None


class TicketRating(RatingAnswer):
    """What a customer has said by telephone."""

    kind: (
        Annotated[
            Kind,
            Field(
                description="As he was asked, or would be by the policy, when not sent; `csat` "
                "where there is none. Whoever was asked answers as he was asked."
            ),
        ]
        | MISSING
    ) = MISSING


class RatingRead(EntityRead):
    """That a customer is asked about a resolved ticket, and what he says."""

    table = Rating

    id: RatingId
    object: Literal["rating"]
    ticket_id: TicketId
    resolution: Annotated[
        int, Field(description="Which resolution of the ticket it is about.", examples=[1])
    ]
    customer_id: Annotated[CustomerId, Field(description="The requester of the ticket.")]
    business_unit_id: BusinessUnitId
    assignee_id: Annotated[
        UserId | None, Field(description="Who had the ticket as it was resolved.")
    ]
    type: Annotated[str, TYPE]
    policy_id: Annotated[
        RatingPolicyId | None,
        Field(description="The policy by which the customer is asked; it may be gone."),
    ]
    kind: Annotated[str, KIND]
    state: Annotated[str, STATE]
    reason: Annotated[str | None, REASON, Field(description="Why the customer is not asked.")]
    asks_at: Annotated[
        Timestamp | None, Field(description="When the customer is asked, or was to be.")
    ]
    asked_at: Annotated[Timestamp | None, Field(description="When the customer was asked.")]
    expires_at: Annotated[
        Timestamp | None, Field(description="Until when an answer by the link is taken.")
    ]
    answered_at: Timestamp | None
    answered_by: Annotated[str | None, ANSWER]
    user_id: Annotated[
        UserId | None, Field(description="The user who wrote down what was said by telephone.")
    ]
    score: Annotated[
        int | None,
        Field(description="Of `csat` 1 to 5, of `nps` 0 to 10; more is better.", examples=[5]),
    ]
    comment: Annotated[str | None, Field(examples=["Very fast."])]
    is_flagged: Annotated[
        bool, Field(description="Whether the customer is not satisfied, and somebody should look.")
    ]


class RatingPage(Page[RatingRead]):
    """One page of ratings."""


class RatingQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    ticket_id: Annotated[list[TicketId], Where("ticket_id"), Field(max_length=50)] = []
    customer_id: Annotated[list[CustomerId], Where("customer_id"), Field(max_length=50)] = []
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    under: Annotated[
        list[UnderId],
        Under("business_unit_id"),
        Field(max_length=50, description="Of one of these units, or of one below it."),
    ] = []
    assignee_id: Annotated[list[UserId], Where("assignee_id"), Field(max_length=50)] = []
    state: Annotated[list[RatingState], OneOf("state"), Field(max_length=10)] = []
    is_flagged: Annotated[bool | None, Where("is_flagged")] = None
