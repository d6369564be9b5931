"""What a ticket's clocks are, what became of them, and why they are due when they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter

from crm_api.features.desk.clock_facts.schemas import FactKind
from crm_api.features.desk.happenings.schemas import Clocks as Clocks
from crm_api.features.desk.happenings.schemas import agent_replied as agent_replied
from crm_api.features.desk.happenings.schemas import customer_wrote as customer_wrote
from crm_api.features.desk.happenings.schemas import moved as moved
from crm_api.features.desk.sla_policies.schemas import SlaEscalation, SlaPolicyId
from crm_api.features.desk.spans.schemas import Piece, PieceKind, Time, counted, pieces
from crm_api.features.desk.terms.schemas import CLOCK, CLOCK_STATE, TicketPriority
from crm_api.features.desk.ticking.schemas import Clock, Step
from crm_api.kit.filters import Where
from crm_api.kit.ids import Prefix
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import Input, OpenEnum, Read
from crm_api.kit.times import Timestamp
from crm_api.kit.words import say
from crm_api.platform.calendars.rules import SECOND
from crm_api.platform.calendars.schemas import BusinessCalendarId

from .models import SlaEvent
from .rules import Ruled as Ruled
from .rules import simulate as simulate

TICKET = Prefix("tic")
FACT = OpenEnum(
    FactKind,
    begun=say("Begun"),
    paused=say("Paused"),
    resumed=say("Resumed"),
    met=say("Met"),
    breached=say("Breached"),
    met_late=say("Met late"),
    due_moved=say("Due time moved"),
    escalated=say("Escalated"),
    cancelled=say("Cancelled"),
)
KEPT: TypeAdapter[Clocks] = TypeAdapter(Clocks)
PolicyId = Annotated[
    SlaPolicyId | None, Field(description="Which policy it counts for; null for none.")
]


class SlaPiece(BaseModel):
    """A stretch of time that counted, or did not, and why."""

    kind: Annotated[
        str,
        OpenEnum(PieceKind),
        Field(description="`paused`: the ticket waited, or was done. `closed`: nobody works."),
    ]
    starts_at: Timestamp
    ends_at: Timestamp
    seconds: Annotated[int, Field(description="From the one to the other.", examples=[3_600])]
    because: Annotated[
        str | None,
        Field(
            description="What gives the day its hours; null day and night, or while paused.",
            json_schema_extra={
                "x-extensible-enum": ["week", "public_holiday", "make_up_workday", "exception"]
            },
            examples=["public_holiday"],
        ),
    ]
    name: Annotated[
        str | None,
        Field(description="As the country, or the calendar, calls the day.", examples=["春节"]),
    ]

    @classmethod
    def of(cls, piece: Piece) -> "SlaPiece":
        return cls(
            kind=piece.kind,
            starts_at=piece.begin,
            ends_at=piece.end,
            seconds=(piece.end - piece.begin) // SECOND,
            because=piece.because,
            name=piece.name,
        )


class SlaStep(SlaEscalation):
    """What is done, once, while a clock is open."""

    at: Annotated[Timestamp | None, Field(description="When; null while the clock stands.")]
    done: Annotated[bool, Field(description="Whether that was done.")]

    @classmethod
    def of(cls, clock: Clock, step: Step) -> "SlaStep":
        return cls(
            clock=clock.kind,
            at_percent=step.at_percent,
            at_minutes=step.at_minutes,
            action=step.action,
            user_ids=list(step.user_ids),
            at=step.at,
            done=step.told,
        )


class SlaClock(BaseModel):
    """How much of the time that a policy gives for a ticket is used up, and why it is due then."""

    clock: Annotated[str, CLOCK]
    number: Annotated[int, Field(description="1, 2, 3: those of its kind.", examples=[1])]
    state: Annotated[str, CLOCK_STATE]
    policy_id: PolicyId
    policy_version: Annotated[int | None, Field(examples=[1])]
    calendar_id: Annotated[
        BusinessCalendarId | None, Field(description="Whose hours count; null for all.")
    ]
    target_seconds: Annotated[int, Field(description="Of those hours.", examples=[7_200])]
    started_at: Timestamp
    due_at: Annotated[
        Timestamp | None,
        Field(description="From this instant on it is breached; null while it stands."),
    ]
    breached_at: Timestamp | None
    met_at: Timestamp | None
    elapsed_seconds: Annotated[int, Field(description="What has counted.", examples=[1_800])]
    remaining_seconds: Annotated[
        int, Field(description="Until it is due; below zero after it.", examples=[5_400])
    ]
    escalations: list[SlaStep]
    because: Annotated[
        list[SlaPiece],
        Field(
            description="All that makes up the time from its start until it is due, was met, or "
            "until now; the first thousand."
        ),
    ]

    @classmethod
    def of(cls, clock: Clock, now: datetime, time: Time) -> "SlaClock":
        """Of one with a target."""
        gone, target = counted(clock.stretches, now, time) // SECOND, clock.target or 0
        until = (clock.due_at or now) if clock.open else clock.latest()
        told = pieces(clock.stretches, clock.started_at, until, time)
        same = ("number", "policy_id", "policy_version", "calendar_id", "started_at")
        ends = ("state", "due_at", "breached_at", "met_at")
        return cls(
            clock=clock.kind,
            target_seconds=target,
            elapsed_seconds=gone,
            remaining_seconds=target - gone,
            escalations=[SlaStep.of(clock, step) for step in clock.steps],
            because=[SlaPiece.of(piece) for piece in told],
            **{name: getattr(clock, name) for name in (*same, *ends)},
        )


class SlaTrial(Input):
    """A ticket that might come."""

    priority: Annotated[TicketPriority, Field(examples=["normal"])]
    started_at: Annotated[
        Timestamp | None, Field(description="When it comes; left out, now.", examples=[None])
    ] = None


class SlaRead(BaseModel):
    """The clocks of a ticket that have a target, and why each is due when it is."""

    object: Literal["ticket_sla"]
    as_of: Annotated[Timestamp, Field(description="When this was so.")]
    clocks: list[SlaClock]


class SlaEventRead(Read):
    """What became of a clock of a ticket."""

    table = SlaEvent

    id: Annotated[UUID, Prefix("sle")]
    object: Literal["sla_event"]
    ticket_id: Annotated[UUID, TICKET]
    clock: Annotated[str, CLOCK]
    number: Annotated[int, Field(description="1, 2, 3: those of its kind.", examples=[1])]
    kind: Annotated[str, FACT]
    at: Annotated[Timestamp, Field(description="Since when it is so, however late it was told.")]
    due_at: Annotated[Timestamp | None, Field(description="When the clock was due from then on.")]
    policy_id: PolicyId
    details: Annotated[
        dict[str, Any],
        Field(description="Of an escalation, what was done.", examples=[{}]),
    ]
    created_at: Timestamp


class SlaEventPage(Page[SlaEventRead]):
    """One page of what became of a ticket's clocks."""


class SlaEventQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["created_at"]


class SlaEventsOf(SlaEventQuery):
    ticket_id: Annotated[UUID, TICKET, Where("ticket_id")]


def kept(clocks: Clocks) -> dict[str, Any]:
    """As JSON, to be kept with the ticket; what is as it begins is left out."""
    told: dict[str, Any] = KEPT.dump_python(clocks, mode="json", exclude_defaults=True)
    return told


def understood(told: Mapping[str, Any]) -> Clocks:
    """Raises ValidationError of what nobody has kept."""
    return KEPT.validate_python(told)
