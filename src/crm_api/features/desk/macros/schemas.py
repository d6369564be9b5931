from collections.abc import Set
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, AfterValidator, BaseModel, Field, model_validator

from crm_api.features.desk.queues.schemas import QueueId
from crm_api.features.desk.terms.schemas import (
    PRIORITY,
    TYPE,
    Tags,
    TicketPriority,
    TicketType,
)
from crm_api.features.desk.ticket_statuses.schemas import TicketStatusId
from crm_api.kit.schema import EntityRead, Input, Line, live_or_archived
from crm_api.kit.words import misfit, say
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.users.schemas import UserId

from . import rules
from .models import Macro, MacroState
from .resource import MACRO

LONGEST = 5000
MacroId = Annotated[UUID, MACRO.prefix]
Name = Annotated[Line, Field(max_length=200, description="Unique.", examples=["Send spare parts"])]
Description = Annotated[
    str, Field(min_length=1, max_length=2000, description="May have several lines.")
]
UnitId = Annotated[
    BusinessUnitId,
    Field(description="For tickets of this unit and of those below it; null for all."),
]


def _known(text: str) -> str:
    if unknown := rules.unknown(text):
        raise misfit(
            "unknown_placeholder",
            say(
                "Nothing is known as {name}: send one of {known}.",
                name=f"{{{{{unknown[0]}}}}}",
                known=", ".join(f"{{{{{name}}}}}" for name in rules.KNOWN),
            ),
        )
    return text


Text = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST,
        description="Of several lines. `{{ticket.number}}`, `{{ticket.subject}}` and "
        "`{{requester.name}}` stand for what the ticket has.",
        examples=["Dear {{requester.name}}, spare parts for {{ticket.number}} are on their way."],
    ),
    AfterValidator(_known),
]


class MacroActions(Input):
    """What it does; what is not sent stays as it is. It does one thing at least."""

    priority: TicketPriority | None = None
    type: TicketType | None = None
    status_id: (
        Annotated[TicketStatusId, Field(description="Where it leads, by its category.")] | None
    ) = None
    queue_id: Annotated[QueueId, Field(description="Where it waits from then on.")] | None = None
    assignee_id: Annotated[UserId, Field(description="Who takes it on.")] | None = None
    add_tags: Tags = []
    remove_tags: Tags = []
    reply: Annotated[Text, Field(description="Said to the requester, first.")] | None = None
    note: Annotated[Text, Field(description="Written down for the service desk.")] | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not rules.does_something(vars(self)):
            raise misfit("nothing_to_do", say("Send at least one thing that the macro does."))
        return self


class MacroCreate(Input):
    kept: ClassVar[Set[str]] = frozenset({"actions"})

    name: Name
    description: Description | None = None
    business_unit_id: UnitId | None = None
    actions: MacroActions


class MacroUpdate(Input):
    """A JSON merge patch (RFC 7396); `actions` are replaced whole."""

    kept: ClassVar[Set[str]] = frozenset({"actions"})

    name: Name | MISSING = MISSING
    description: Description | MISSING | None = MISSING
    business_unit_id: UnitId | MISSING | None = MISSING
    actions: MacroActions | MISSING = MISSING


class MacroApply(Input):
    macro_id: Annotated[MacroId, Field(description="What is to be done.")]


class MacroActionsRead(BaseModel):
    """What it does; what is null or empty stays as it is."""

    priority: Annotated[str | None, PRIORITY]
    type: Annotated[str | None, TYPE]
    status_id: TicketStatusId | None
    queue_id: QueueId | None
    assignee_id: UserId | None
    add_tags: list[str]
    remove_tags: list[str]
    reply: str | None
    note: str | None


class MacroRead(EntityRead):
    """What is done to tickets again and again, in one step."""

    table = Macro

    id: MacroId
    object: Literal["macro"]
    name: Annotated[str, Field(title=say("Name"), examples=["Send spare parts"])]
    description: Annotated[str | None, Field(examples=["Once the warehouse has confirmed."])]
    business_unit_id: Annotated[
        BusinessUnitId | None,
        Field(description="For tickets of this unit and of those below it; null for all."),
    ]
    actions: MacroActionsRead
    state: Annotated[str, live_or_archived(MacroState), Field(description="Whether it is in use.")]
