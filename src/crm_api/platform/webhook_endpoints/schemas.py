from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, BaseModel, Field

from crm_api.kit.any_ids import AnyId
from crm_api.kit.forms import form
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, OpenEnum
from crm_api.kit.scopes import Scopes
from crm_api.kit.times import Timestamp
from crm_api.kit.tree import Filter
from crm_api.kit.words import misfit, say
from crm_api.platform.journal.actors import IdOfActor
from crm_api.platform.journal.schemas import EventPattern

from .models import DisabledReason, EndpointState, Payload, WebhookEndpoint
from .resource import WEBHOOK_ENDPOINT
from .rules import is_reserved

STATE = OpenEnum(
    EndpointState,
    active=say("Working"),
    degraded=say("Degraded"),
    disabled=say("Disabled"),
)
WEEK = 7 * 24 * 3600
WebhookEndpointId = Annotated[UUID, WEBHOOK_ENDPOINT.prefix]
Url = Annotated[
    str,
    Field(
        max_length=2048,
        description="Where events are sent to, with POST. HTTPS, at a public address, unless "
        "whoever runs the server allows another.",
        examples=["https://erp.example.com/crm-events"],
        json_schema_extra={"format": "webhook-url"},
    ),
]
Description = Annotated[
    str, Field(min_length=1, max_length=500, description="For people.", examples=["ERP, orders"])
]
Subscribed = Annotated[EventPattern, Field(json_schema_extra={"format": "event-type"})]
EventTypes = Annotated[
    list[Subscribed],
    Field(
        min_length=1,
        max_length=50,
        description="Which events are sent: types, `customer.*` for all of a noun, `*` for all "
        "that the endpoint may see.",
        examples=[["customer.*"]],
    ),
]
PayloadForm = Annotated[
    Payload,
    Field(description="`thin` leaves out `data` and `changes`: read the record when it is needed."),
]
EventFilter = Annotated[
    Filter,
    Field(
        description="What the record of an event must be after it, in the language of "
        "`POST /v1/customers/search`; the event types are those of one noun then."
    ),
]
OVERLAP = "Seconds for which the old secret signs too, so that nothing is lost meanwhile."


def _free(name: str) -> str:
    if is_reserved(name):
        raise misfit("header_reserved", say("This header belongs to the server: choose another."))
    return name


HeaderName = Annotated[
    str,
    form("^[A-Za-z][A-Za-z0-9-]{0,63}$", say("Send the name of a header, such as X-Env.")),
    AfterValidator(_free),
]
HeaderValue = Annotated[
    str,
    form("^[!-~]([ -~]{0,998}[!-~])?$", say("Send visible ASCII characters, on one line.")),
]
Headers = Annotated[
    dict[HeaderName, HeaderValue],
    Field(
        max_length=10,
        description="Headers that every request carries, such as `Authorization`. Values are "
        "kept encrypted and never shown again.",
        examples=[{"Authorization": "Bearer 8dc1"}],
        json_schema_extra={"format": "webhook-headers"},
    ),
]
Given = Annotated[
    Scopes,
    Field(description="What the endpoint may see: only events of nouns whose `:read` is among it."),
]
MASKED = "Whether it is sent personal data masked."


class WebhookEndpointCreate(Input):
    """Where to send which events. It sees what your key sees, or less."""

    url: Url
    description: Description | None = None
    event_types: EventTypes
    filter: EventFilter | None = None
    payload: PayloadForm = Payload.full
    headers: Headers = {}
    scopes: Given | MISSING = MISSING
    masked: Annotated[bool, Field(description=MASKED)] = False


class WebhookEndpointUpdate(Input):
    """What an endpoint may see can only be narrowed; whoever changes it must see that himself."""

    url: Url | MISSING = MISSING
    description: Description | MISSING | None = MISSING
    event_types: EventTypes | MISSING = MISSING
    filter: EventFilter | MISSING | None = MISSING
    payload: PayloadForm | MISSING = MISSING
    headers: Headers | MISSING = MISSING
    scopes: Given | MISSING = MISSING
    masked: Annotated[bool, Field(description=MASKED)] | MISSING = MISSING


class SecretRotation(Input):
    """How long the old secret still signs."""

    overlap_seconds: Annotated[int, Field(ge=0, le=WEEK, description=OVERLAP)] = 86_400


class WebhookEndpointRead(EntityRead):
    """Where events are sent to, and how it is doing."""

    table = WebhookEndpoint

    id: WebhookEndpointId
    object: Literal["webhook_endpoint"]
    url: Annotated[str, Field(examples=["https://erp.example.com/crm-events"])]
    description: Annotated[str | None, Field(examples=["ERP, orders"])]
    event_types: Annotated[list[str], Field(examples=[["customer.*"]])]
    filter: Annotated[
        dict[str, Any] | None,
        Field(description="As it was sent; null for every event.", examples=[None]),
    ]
    payload: Annotated[str, OpenEnum(Payload)]
    state: Annotated[
        str,
        STATE,
        Field(
            description="`degraded`: it fails, and is tried now and then. `disabled`: nothing is "
            "sent until it is enabled."
        ),
    ]
    disabled_reason: Annotated[
        str | None,
        OpenEnum(DisabledReason),
        Field(
            description="`gone`: it answered 410. `failing`: nothing but failures for five days. "
            "`key_revoked`: the key that made it was revoked. `filter_broken`: a field that its "
            "filter asks about is gone."
        ),
    ]
    header_names: Annotated[
        list[str],
        Field(
            description="Of the headers that it is sent beside ours.", examples=[["Authorization"]]
        ),
    ]
    old_secrets_until: Annotated[
        Timestamp | None,
        Field(
            description="Until then older secrets sign too; null if there is one.", examples=[None]
        ),
    ]
    created_by: Annotated[
        AnyId,
        IdOfActor("created_by"),
        Field(
            description="Whose rights it has: the key that made it, or enabled it last.",
            examples=["key_019a2b7c4d5e7f60a1b2c3d4e5f60718"],
        ),
    ]
    scopes: Annotated[
        list[str], Field(description="What it may see.", examples=[["customers:read"]])
    ]
    masked: Annotated[bool, Field(description=MASKED)]


class WebhookEndpointWithSecret(WebhookEndpointRead):
    """An endpoint, and the one time that its secret is shown."""

    secret: Annotated[
        str,
        Field(
            description="Verifies what is sent (Standard Webhooks); keep it, it is never shown "
            "again.",
            examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="],
        ),
    ]


class WebhookEndpointPage(Page[WebhookEndpointRead]):
    """One page of webhook endpoints."""


class WebhookEndpointQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]


class WebhookTest(BaseModel):
    """How an endpoint answered an event of type `webhook.test`, sent just now."""

    object: Literal["webhook_test"]
    delivered: Annotated[bool, Field(description="Whether it answered 2xx in time.")]
    status_code: Annotated[int | None, Field(description="Null if no answer came.", examples=[204])]
    latency_ms: Annotated[int | None, Field(examples=[38])]
    error: Annotated[
        str | None, Field(description="What went wrong, in one word.", examples=[None])
    ]
