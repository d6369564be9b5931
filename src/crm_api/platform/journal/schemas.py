from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from crm_api.kit.any_ids import AnyId, IdByType
from crm_api.kit.forms import form
from crm_api.kit.journal import EventId
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import Input, Read
from crm_api.kit.times import Timestamp
from crm_api.kit.veiled import Veiled
from crm_api.kit.words import say
from crm_api.platform.organization.schemas import TenantId
from crm_api.platform.users.schemas import UserId

from .actors import IdOfActor
from .models import JournalEvent

EventType = Annotated[
    str,
    form(
        "^[a-z_]{1,40}[.][a-z_]{1,40}$",
        say("Send the type of an event, such as customer.updated."),
        examples=["customer.updated"],
    ),
]
EventPattern = Annotated[
    str,
    form(
        "^([*]|[a-z_]{1,40}[.]([*]|[a-z_]{1,40}))$",
        say("Send the type of an event, such as customer.updated, customer.* or *."),
        examples=["customer.*"],
    ),
]
ActorId = Annotated[
    AnyId,
    IdOfActor("actor_id"),
    Field(
        description="Who did it: a key, or a subject, who came with a token of an identity "
        "provider. A key with zeros only is a command on the server.",
        examples=["key_019a2b7c4d5e7f60a1b2c3d4e5f60718"],
    ),
]
ActingUserId = Annotated[
    UserId | None,
    Field(
        description="The user who acted, or on whose behalf; `actor_id` is what came with the "
        "request. Null where a key worked for itself, or a subject that no user is linked to.",
    ),
]
RequestId = Annotated[
    AnyId,
    Field(
        description="The `Request-Id` of the answer.",
        examples=["req_019a2b7c4d5e7f60a1b2c3d4e5f60718"],
    ),
]
CausationId = Annotated[
    EventId | None, Field(description="The event that led to this one.", examples=[None])
]


class Change(BaseModel):
    """A field's value before and after."""

    old: Any
    new: Any


Changes = Annotated[
    dict[str, Change] | None,
    Field(
        description="The fields that changed; null where none did, for what is new, was "
        "deleted, or was erased.",
        examples=[{"name": {"old": "Bob", "new": "Rob"}}],
    ),
]
Erased = Annotated[
    bool, Field(description="Whether the values were erased; that something happened stays.")
]


class EventRead(Read):
    """A fact: what became of one record. Feed, stream and webhooks show it in the same words.

    `type` and `schema_version` say what `data` is; `object_version` orders what is told of one
    record, `sequence` all that is told of a tenant.
    """

    table = JournalEvent

    id: Annotated[EventId, Field(description="Once and for ever: what comes twice has the same.")]
    object: Literal["event"]
    type: Annotated[
        str,
        Field(
            description="`noun.what_became_of_it`; more of them may come.",
            examples=["customer.updated"],
        ),
    ]
    schema_version: Annotated[
        int,
        Field(
            description="Of the data of this type: grows where a reader of the old data would not "
            "understand the new.",
            examples=[1],
        ),
    ]
    api_version: Literal["v1"]
    sequence: Annotated[
        int, Field(description="1, 2, 3: the tenant's events, without a gap.", examples=[4711])
    ]
    created_at: Timestamp
    tenant_id: TenantId
    business_unit_id: Annotated[
        AnyId | None,
        Field(
            description="Always null: events are filed under no unit. Where a record belongs to "
            "one, its `data` says so.",
            examples=[None],
        ),
    ]
    object_id: Annotated[
        AnyId, IdByType("object_id", "type"), Field(description="The record that it is about.")
    ]
    object_version: Annotated[
        int,
        Field(
            description="The record's version from this event on. Pass over an event whose "
            "version is not higher than the one you have.",
            examples=[2],
        ),
    ]
    actor_id: ActorId
    user_id: ActingUserId
    request_id: RequestId
    causation_id: CausationId
    causation_depth: Annotated[
        int,
        Field(
            description="How many events led to one another before this one; 0 for what a request "
            "did itself.",
            examples=[0],
        ),
    ]
    data: Annotated[
        dict[str, Any] | None,
        Veiled("data", "type"),
        Field(
            description="The record as a GET with your key shows it, right after the event; of "
            "what was deleted, as it last was; null where it was erased. The contract's webhooks "
            "say what it is for each type.",
            examples=[{"object": "customer", "name": "Rob"}],
        ),
    ]
    changes: Annotated[Changes, Veiled("changes", "type", pairs=True)]
    erased: Erased


class EventPage(Page[EventRead]):
    """One page of events, oldest first."""


After = Annotated[
    EventId | None,
    Field(
        description="The last event that you have; without it the feed begins with the oldest that "
        "it holds."
    ),
]
Patterns = Annotated[
    list[EventPattern],
    Field(max_length=50, description="Only events of these types; `customer.*` are all of a noun."),
]


class StreamedEvent(BaseModel):
    """One event of the stream; its frames have these fields (WHATWG HTML, server-sent events)."""

    id: Annotated[EventId, Field(description="Send it as `Last-Event-ID` when you come again.")]
    event: Annotated[
        str, Field(description="The type of the event.", examples=["customer.updated"])
    ]
    data: Annotated[
        str,
        Field(
            description="The event in JSON, as `GET /v1/events/{id}` shows it: an `EventRead`.",
            examples=['{"id":"evt_019a2b7c4d5e7f60a1b2c3d4e5f60718","object":"event"}'],
        ),
    ]


class EventStreamQuery(Input):
    after: Annotated[
        EventId | None,
        Field(
            description="The last event that you have; the header `Last-Event-ID` wins over it. "
            "Without either the stream begins with what happens from now on."
        ),
    ] = None
    type: Patterns = []


class EventQuery(ListQuery):
    sort: list[Literal["sequence"]] = ["sequence"]
    after: After = None
    type: Patterns = []
    object_id: Annotated[AnyId | None, Field(description="Only events of this record.")] = None
