import operator
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from crm_api.kit.any_ids import AnyId, IdByType, WhereAnyId
from crm_api.kit.filters import Where
from crm_api.kit.forms import form
from crm_api.kit.journal import EVENT
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import Input, Read
from crm_api.kit.times import Timestamp
from crm_api.kit.words import misfit, say

from .actors import IdOfActor, WhereActor
from .models import AuditRecord

EventId = Annotated[UUID, EVENT]
EventType = Annotated[
    str,
    form(
        "^[a-z_]{1,40}[.][a-z_]{1,40}$",
        say("Send the type of an event, such as customer.updated."),
        examples=["customer.updated"],
    ),
]


class Change(BaseModel):
    """A field's value before and after."""

    old: Any
    new: Any


class AuditRecordRead(Read):
    """Who changed what, when, in which request: written with the change, and never again."""

    table = AuditRecord

    id: EventId
    object: Literal["audit_record"]
    sequence: Annotated[
        int, Field(description="1, 2, 3: the tenant's changes, without a gap.", examples=[4711])
    ]
    type: Annotated[str, Field(examples=["customer.updated"])]
    object_id: Annotated[
        AnyId, IdByType("object_id", "type"), Field(description="The record that was changed.")
    ]
    object_version: Annotated[
        int, Field(description="The record's version from this change on.", examples=[2])
    ]
    actor_id: Annotated[
        AnyId,
        IdOfActor("actor_id"),
        Field(
            description="Who did it: a key, or a subject, who came with a token of an identity "
            "provider. A key with zeros only is a command on the server.",
            examples=["key_019a2b7c4d5e7f60a1b2c3d4e5f60718"],
        ),
    ]
    request_id: Annotated[
        AnyId,
        Field(
            description="The `Request-Id` of the answer.",
            examples=["req_019a2b7c4d5e7f60a1b2c3d4e5f60718"],
        ),
    ]
    causation_id: Annotated[
        EventId | None, Field(description="The event that led to this one.", examples=[None])
    ]
    created_at: Timestamp
    hash: Annotated[
        str | None,
        Field(
            description="Ties the record to the one before it; see the how-to on the audit. "
            "Null for a while after an update from a release without it.",
            examples=["5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"],
        ),
    ]
    changes: Annotated[
        dict[str, Change] | None,
        Field(
            description="The fields that changed; null for what is new, and for what was erased.",
            examples=[{"name": {"old": "Bob", "new": "Rob"}}],
        ),
    ]
    erased: Annotated[
        bool, Field(description="Whether the values were erased; that something happened stays.")
    ]


class AuditRecordPage(Page[AuditRecordRead]):
    """One page of audit records."""


class HistoryQuery(ListQuery):
    sort: list[Literal["sequence", "-sequence"]] = ["-sequence"]


class AuditQuery(HistoryQuery):
    object_id: Annotated[
        AnyId | None, WhereAnyId("object_id", "type"), Field(description="Any record's id.")
    ] = None
    type: Annotated[list[EventType], Where("type"), Field(max_length=50)] = []
    actor_id: Annotated[
        AnyId | None, WhereActor("actor_id"), Field(description="A key's or a subject's id.")
    ] = None
    created_at__gte: Annotated[Timestamp | None, Where("created_at", operator.ge)] = None
    created_at__lt: Annotated[Timestamp | None, Where("created_at", operator.lt)] = None


class AsOf(Input):
    as_of: Annotated[
        Timestamp | None,
        Field(description="Show the record as it was at that time, not as it is."),
    ] = None

    @model_validator(mode="after")
    def _now_or_then(self) -> "AsOf":
        """What stands beside a record is read as it is now."""
        if self.as_of is not None and getattr(self, "expand", None):
            raise misfit("expand_in_the_past", say("Leave out either expand or as_of"))
        return self
