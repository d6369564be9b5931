import operator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from crm_api.kit.any_ids import AnyId, IdByType, WhereAnyId
from crm_api.kit.filters import Where
from crm_api.kit.journal import EventId
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import Input, Read
from crm_api.kit.times import Timestamp
from crm_api.kit.words import misfit, say
from crm_api.platform.journal.actors import WhereActor
from crm_api.platform.journal.schemas import (
    ActingUserId,
    ActorId,
    CausationId,
    Changes,
    Erased,
    EventType,
    RequestId,
)
from crm_api.platform.users.schemas import UserId

from .models import AuditRecord


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
    actor_id: ActorId
    user_id: ActingUserId
    request_id: RequestId
    causation_id: CausationId
    created_at: Timestamp
    hash: Annotated[
        str | None,
        Field(
            description="Ties the record to the one before it; see the how-to on the audit. "
            "Null for a while after an update from a release without it.",
            examples=["5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"],
        ),
    ]
    changes: Changes
    reason: Annotated[
        str | None,
        Field(description="Why, in the words of who did it; null where nobody is asked."),
    ]
    erased: Erased


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
    user_id: Annotated[
        list[UserId],
        Where("user_id"),
        Field(max_length=50, description="What one of these users did, or others for them."),
    ] = []
    causation_id: Annotated[
        EventId | None,
        Where("causation_id"),
        Field(description="What followed from this event, such as a handover."),
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
