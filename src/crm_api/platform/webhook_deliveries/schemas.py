from operator import ge, lt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from crm_api.kit.filters import OneOf, Where
from crm_api.kit.journal import EventId
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, OpenEnum
from crm_api.kit.times import Timestamp
from crm_api.kit.words import say
from crm_api.platform.journal.schemas import EventType
from crm_api.platform.webhook_endpoints.schemas import Subscribed, WebhookEndpointId

from .models import StateShown, WebhookDelivery
from .resource import WEBHOOK_DELIVERY
from .showing import AllAttempts, StateNow

STATE = OpenEnum(
    StateShown,
    pending=say("Waiting to be sent"),
    sending=say("Being sent"),
    retrying=say("Waiting to be tried again"),
    delivered=say("Delivered"),
    dead=say("Given up"),
    blocked=say("Held back"),
    paused=say("Paused"),
    cancelled=say("Cancelled"),
)
WebhookDeliveryId = Annotated[UUID, WEBHOOK_DELIVERY.prefix]


AttemptError = Annotated[
    str | None,
    Field(
        description="Why no answer came: `timeout`, `no_address`, `no_connection`, `tls`, "
        "`no_answer`; `url_not_allowed`: it leads where nothing is sent to; `internal`: a fault "
        "of ours. Null where one came.",
        examples=[None],
    ),
]
StatusCode = Annotated[
    int | None, Field(description="Of the answer; null if none came.", examples=[204])
]


class DeliveryAttempt(BaseModel):
    """One request and how it was answered."""

    number: Annotated[int, Field(examples=[1])]
    at: Timestamp
    status_code: StatusCode
    latency_ms: Annotated[int, Field(description="Until the answer, or its end.", examples=[38])]
    error: AttemptError
    answer: Annotated[
        str,
        Field(
            description="How the body of the answer began, as text: 4 KB at most.", examples=["ok"]
        ),
    ]


class WebhookDeliveryRead(EntityRead):
    """An event on its way to an endpoint. It is sent until the endpoint answers 2xx, ten times in
    about three days."""

    table = WebhookDelivery

    id: WebhookDeliveryId
    object: Literal["webhook_delivery"]
    endpoint_id: WebhookEndpointId
    event_id: Annotated[EventId, Field(description="`webhook-id` of every request.")]
    event_type: Annotated[str, Field(examples=["customer.updated"])]
    state: Annotated[
        str,
        StateNow(),
        STATE,
        Field(
            description="`pending`, `sending`, `retrying`, `delivered`. `dead`: given up. "
            "`blocked`: the URL leads where nothing is sent to. `paused`: the endpoint is "
            "disabled. `cancelled`: the endpoint is deleted, or may not see the event any more.",
            examples=["delivered"],
        ),
    ]
    attempt_count: Annotated[int, Field(description="How often it was tried.", examples=[1])]
    next_at: Annotated[
        Timestamp | None,
        Field(description="When it is tried next; null if it is not.", examples=[None]),
    ]
    delivered_at: Annotated[Timestamp | None, Field(examples=["2026-01-31T12:00:00.000Z"])]
    status_code: StatusCode
    latency_ms: Annotated[int | None, Field(description="Of the last attempt.", examples=[38])]
    error: AttemptError
    rendered_again: Annotated[
        int,
        Field(
            description="How often its body was made anew because the endpoint may see less than "
            "before, or values were erased. Otherwise all attempts send the same bytes.",
            examples=[0],
        ),
    ]


class WebhookDeliveryWithAttempts(WebhookDeliveryRead):
    """A delivery with its attempts, the first one first."""

    attempts: Annotated[list[DeliveryAttempt], AllAttempts()]


class WebhookDeliveryPage(Page[WebhookDeliveryRead]):
    """One page of deliveries."""


State = Literal["pending", "retrying", "delivered", "dead", "blocked", "paused", "cancelled"]


class WebhookDeliveryQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    state: Annotated[
        list[State],
        OneOf("state"),
        Field(
            max_length=7,
            description="Those that are being sent are among `pending` and `retrying`.",
        ),
    ] = []
    event_type: Annotated[
        list[EventType],
        Where("event_type"),
        Field(max_length=50),
    ] = []
    created_at__gte: Annotated[Timestamp | None, Where("created_at", ge)] = None
    created_at__lt: Annotated[Timestamp | None, Where("created_at", lt)] = None


class DeliveriesOfEndpoint(WebhookDeliveryQuery):
    endpoint_id: Annotated[UUID | None, Where("endpoint_id")] = None


class Replay(Input):
    """Which events are sent once more."""

    model_config = {"populate_by_name": True}

    from_: Annotated[
        Timestamp | None,
        Field(alias="from", description="From when on, 30 days back at most; else those 30 days."),
    ] = None
    to: Annotated[Timestamp | None, Field(description="Until before when; else until now.")] = None
    types: Annotated[
        list[Subscribed],
        Field(max_length=50, description="Only these of its event types."),
    ] = []
    only: Annotated[
        Literal["all", "failed"],
        Field(
            description="`failed`: what was given up or blocked, or waits to be tried again. "
            "`all`: everything, also what was delivered, and what happened while the endpoint was "
            "disabled or not there yet."
        ),
    ] = "failed"
