from collections.abc import Set
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, BaseModel, Field, model_validator

from crm_api.features.desk.fitting.schemas import Conditions
from crm_api.features.desk.terms.schemas import CLOCK, STEP_ACTION, ClockKind, StepAction
from crm_api.kit.schema import EntityRead, Input, Line, live_or_archived
from crm_api.kit.words import misfit, say
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.calendars.schemas import BusinessCalendarId
from crm_api.platform.users.schemas import UserId

from .models import SlaPolicy, SlaPolicyState
from .resource import SLA_POLICY
from .rules import MOST_STEPS, MOST_TOLD
from .rules import Policy as Policy

YEAR = 366 * 24 * 60
SlaPolicyId = Annotated[UUID, SLA_POLICY.prefix]
Waiting = Literal["waiting_customer", "waiting_third_party"]
Name = Annotated[Line, Field(max_length=200, examples=["Key accounts"])]
Position = Annotated[
    int,
    Field(
        ge=0,
        le=1_000_000,
        description="Of those that fit a ticket the one with the lowest counts; of two alike the "
        "older one.",
        examples=[100],
    ),
]
OfUnit = Annotated[
    BusinessUnitId,
    Field(description="For tickets of this unit, and of those below; null for the whole group."),
]
Enabled = Annotated[bool, Field(description="Whether it is held against tickets at all.")]
IsDefault = Annotated[
    bool,
    Field(
        description="For tickets that no other policy fits; of those of units the nearest one. A "
        "unit has one that is enabled, and so has the group."
    ),
]
CalendarId = Annotated[
    BusinessCalendarId,
    Field(description="The hours in which its clocks count; null for day and night."),
]
Minutes = Annotated[
    int,
    Field(ge=1, le=YEAR, description="Of the calendar's hours; null for no target."),
]
PausesOn = Annotated[
    list[Waiting],
    Field(
        max_length=2,
        description="While a ticket waits for these, no clock counts.",
        examples=[["waiting_customer"]],
    ),
    AfterValidator(lambda categories: sorted(set(categories))),
]
AtPercent = Annotated[
    int, Field(ge=1, le=1000, description="Once so much of the target has gone by.", examples=[80])
]
AtMinutes = Annotated[
    int,
    Field(
        ge=-YEAR,
        le=YEAR,
        description="So many minutes of the calendar's hours after the due time; below zero before "
        "it.",
        examples=[None],
    ),
]
Told = Annotated[
    list[UserId],
    Field(max_length=MOST_TOLD, description="Whom to tell beside the ticket's assignee."),
]
OfClock = Annotated[ClockKind, Field(description="Which of the ticket's clocks.")]


class SlaTargetsInput(Input):
    """Within how many minutes there is to be what."""

    first_response_minutes: Minutes | None = None
    next_response_minutes: Minutes | None = None
    resolution_minutes: Minutes | None = None


class SlaTargetsByPriorityInput(Input):
    """Targets of tickets of each priority; those of one that is left out have none."""

    low: SlaTargetsInput = SlaTargetsInput()
    normal: SlaTargetsInput = SlaTargetsInput()
    high: SlaTargetsInput = SlaTargetsInput()
    urgent: SlaTargetsInput = SlaTargetsInput()


class SlaEscalationInput(Input):
    """What is done, once, while a clock is open: send `at_percent` or `at_minutes`."""

    clock: OfClock
    at_percent: AtPercent | None = None
    at_minutes: AtMinutes | None = None
    action: StepAction
    user_ids: Told = []

    @model_validator(mode="after")
    def _whole(self) -> "SlaEscalationInput":
        if (self.at_percent is None) is (self.at_minutes is None):
            raise misfit("step_time", say("Send either `at_percent` or `at_minutes`"))
        if self.user_ids and self.action != StepAction.notify:
            raise misfit("step_users", say("Only the action `notify` tells users"))
        return self


def _each_once(steps: list[SlaEscalationInput]) -> list[SlaEscalationInput]:
    if len({(s.clock, s.at_percent, s.at_minutes, s.action) for s in steps}) < len(steps):
        raise misfit("step_twice", say("A clock does the same once at a time"))
    return steps


Escalations = Annotated[
    list[SlaEscalationInput],
    Field(max_length=MOST_STEPS, description="Replaced together."),
    AfterValidator(_each_once),
]


class _SlaPolicy(Input):
    kept: ClassVar[Set[str]] = frozenset(("conditions", "targets", "pauses_on", "escalations"))


class SlaPolicyCreate(_SlaPolicy):
    name: Name
    position: Position = 100
    business_unit_id: OfUnit | None = None
    conditions: Conditions | None = None
    enabled: Enabled = True
    is_default: IsDefault = False
    calendar_id: CalendarId | None = None
    targets: SlaTargetsByPriorityInput
    pauses_on: PausesOn = ["waiting_customer"]
    escalations: Escalations = []


class SlaPolicyUpdate(_SlaPolicy):
    """For another unit make another policy. Targets are replaced together."""

    name: Name | MISSING = MISSING
    position: Position | MISSING = MISSING
    conditions: Conditions | MISSING | None = MISSING
    enabled: Enabled | MISSING = MISSING
    is_default: IsDefault | MISSING = MISSING
    calendar_id: CalendarId | MISSING | None = MISSING
    targets: SlaTargetsByPriorityInput | MISSING = MISSING
    pauses_on: PausesOn | MISSING = MISSING
    escalations: Escalations | MISSING = MISSING


class SlaTargets(BaseModel):
    """Within how many minutes there is to be what; null for no target."""

    first_response_minutes: Annotated[int | None, Field(examples=[120])]
    next_response_minutes: Annotated[int | None, Field(examples=[240])]
    resolution_minutes: Annotated[int | None, Field(examples=[None])]


class SlaTargetsByPriority(BaseModel):
    """Targets of tickets of each priority."""

    low: SlaTargets
    normal: SlaTargets
    high: SlaTargets
    urgent: SlaTargets


class SlaEscalation(BaseModel):
    """What is done, once, while a clock is open."""

    clock: Annotated[str, CLOCK]
    at_percent: Annotated[
        int | None, Field(description="Once so much of the target has gone by.", examples=[80])
    ]
    at_minutes: Annotated[
        int | None,
        Field(description="So many minutes after the due time; or before it.", examples=[None]),
    ]
    action: Annotated[str, STEP_ACTION]
    user_ids: Annotated[
        list[UserId], Field(description="Who is told beside the ticket's assignee.")
    ]


class SlaPolicyRead(EntityRead):
    """How soon tickets are to be answered and resolved."""

    table = SlaPolicy

    id: SlaPolicyId
    object: Literal["sla_policy"]
    name: Annotated[str, Field(examples=["Key accounts"])]
    position: Annotated[int, Field(description="The lowest counts.", examples=[100])]
    business_unit_id: Annotated[
        BusinessUnitId | None, Field(description="For tickets of this unit, and of those below.")
    ]
    conditions: Annotated[
        dict[str, Any] | None,
        Field(
            description="Which tickets it is for, as it was sent; null for all.", examples=[None]
        ),
    ]
    enabled: Enabled
    is_default: Annotated[bool, Field(description="For tickets that no other policy fits.")]
    calendar_id: Annotated[
        BusinessCalendarId | None,
        Field(description="The hours in which its clocks count; null for day and night."),
    ]
    targets: SlaTargetsByPriority
    pauses_on: Annotated[
        list[str],
        Field(
            description="While a ticket waits for these, no clock counts.",
            examples=[["waiting_customer"]],
        ),
    ]
    escalations: list[SlaEscalation]
    state: Annotated[str, live_or_archived(SlaPolicyState)]
