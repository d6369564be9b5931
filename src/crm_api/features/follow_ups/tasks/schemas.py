from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, BaseModel, Field

from crm_api.features.customers.schemas import CustomerId, CustomerRead
from crm_api.kit.any_ids import AnyId
from crm_api.kit.columns import Expanded
from crm_api.kit.hiding import Without
from crm_api.kit.linked import MOST_LINKED
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum
from crm_api.kit.times import CalendarDate, Timestamp, TimeZone
from crm_api.kit.words import say
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.checklists.schemas import Checklist, ChecklistItemRead
from crm_api.platform.custom_fields.schemas import Custom, CustomPatch
from crm_api.platform.external_ids.schemas import (
    Batch,
    BatchItem,
    ExternalIdAlias,
    ExternalIdAliasRead,
    ExternalIds,
    ExternalIdsPatch,
)
from crm_api.platform.series.schemas import DueAt, DueOn, OccurrenceTime, RecurrenceRead, Recurs
from crm_api.platform.users.schemas import UserId

from .models import Task, TaskPriority, TaskState
from .resource import TASK

STATE = OpenEnum(TaskState, open=say("Open"), done=say("Done"), cancelled=say("Cancelled"))
PRIORITY = OpenEnum(
    TaskPriority, low=say("Low"), normal=say("Normal"), high=say("High"), urgent=say("Urgent")
)
TaskId = Annotated[UUID, TASK.prefix]
Subject = Annotated[Line, Field(max_length=200, examples=["Call back about the offer"])]
Description = Annotated[
    str, Field(min_length=1, max_length=10_000, description="May have several lines.")
]
About = Annotated[CustomerId, Field(description="The customer it is about, if any.")]
OfUnit = Annotated[
    BusinessUnitId, Field(description="For which unit; left out, the one that you work in.")
]
Assignee = Annotated[UserId, Field(description="Who is to do it; null for nobody yet.")]
Zone = Annotated[
    TimeZone,
    Field(
        description="Where days end, and by whose clocks it is repeated; left out, that of the "
        "unit, of the nearest above it, or the tenant's."
    ),
]
RemindAt = Annotated[
    Timestamp,
    Field(description="When `task.reminded` is to be sent, once; at once if that time is over."),
]
Records = Annotated[
    list[AnyId],
    Field(
        max_length=MOST_LINKED,
        description="Ids of records of any kind that it is about.",
        examples=[["cus_019a2b7c4d5e7f60a1b2c3d4e5f60718"]],
    ),
]
Aliases = Annotated[
    list[ExternalIdAlias],
    Field(max_length=50, description="Also find the record by these; replaced ids join them."),
]


class TaskCreate(Input):
    """Send `due_on` or `due_at`, or neither."""

    subject: Subject
    description: Description | None = None
    priority: TaskPriority = TaskPriority.normal
    customer_id: About | None = None
    business_unit_id: OfUnit | None = None
    assignee_id: Annotated[
        Assignee | MISSING | None,
        Field(description="Who is to do it: left out, you; null for nobody yet."),
    ] = MISSING
    due_on: DueOn | None = None
    due_at: DueAt | None = None
    time_zone: Zone | MISSING = MISSING
    remind_at: RemindAt | None = None
    checklist: Checklist = []
    recurrence: Recurs | None = None
    records: Records = []
    external_ids: ExternalIds | MISSING = MISSING
    custom: CustomPatch | MISSING = MISSING


class TaskUpdate(Input):
    """A JSON merge patch (RFC 7396): absent keeps, null clears, arrays are replaced whole.

    `due_on` takes the place of `due_at`, and the other way round. Another time moves this
    occurrence of a series, and none of the others.
    """

    subject: Subject | MISSING = MISSING
    description: Description | MISSING | None = MISSING
    priority: TaskPriority | MISSING = MISSING
    customer_id: About | MISSING | None = MISSING
    business_unit_id: OfUnit | MISSING = MISSING
    assignee_id: Assignee | MISSING | None = MISSING
    due_on: DueOn | MISSING | None = MISSING
    due_at: DueAt | MISSING | None = MISSING
    time_zone: Zone | MISSING = MISSING
    remind_at: RemindAt | MISSING | None = MISSING
    checklist: Checklist | MISSING = MISSING
    recurrence: Recurs | MISSING | None = MISSING
    records: Records | MISSING = MISSING
    external_ids: ExternalIdsPatch | MISSING = MISSING
    external_id_aliases: Aliases | MISSING = MISSING
    custom: CustomPatch | MISSING = MISSING


class TaskUpsert(TaskUpdate):
    """A merge patch; a task that is not there yet needs a `subject`."""


class TaskBatchItem(BatchItem[TaskUpsert]):
    """One task as its system sees it."""


class TaskBatch(Batch[TaskBatchItem]):
    """Up to a hundred tasks of one system, each created or changed by its external id."""


class TaskCancel(Input):
    reason: Annotated[
        Line | None,
        Field(max_length=500, description="For people.", examples=["The customer has bought"]),
    ] = None


class TaskRead(EntityRead):
    """Something that somebody has to do by a time."""

    table = Task

    id: TaskId
    object: Literal["task"]
    subject: Annotated[str, Field(title=say("Subject"), examples=["Call back about the offer"])]
    description: Annotated[str | None, Field(examples=["She asked for a discount."])]
    state: Annotated[
        str, STATE, Field(title=say("State"), description=say("Whether it is still to be done."))
    ]
    priority: Annotated[str, PRIORITY, Field(title=say("Priority"))]
    customer_id: Annotated[CustomerId | None, Field(title=say("Customer"))]
    business_unit_id: Annotated[BusinessUnitId, Field(title=say("Business unit"))]
    assignee_id: Annotated[
        UserId | None, Field(title=say("Assignee"), description=say("Who is to do it."))
    ]
    creator_id: Annotated[
        UserId | None,
        Field(title=say("Creator"), description=say("Who made it; empty where a key did.")),
    ]
    due_on: Annotated[
        CalendarDate | None,
        Field(title=say("Due on"), description=say("Due until the end of this day.")),
    ]
    due_at: Annotated[Timestamp | None, Field(description="Due at this instant.")]
    due_until: Annotated[
        Timestamp | None,
        Field(
            title=say("Due until"),
            description=say("From then on an open task is overdue."),
        ),
    ]
    time_zone: Annotated[str, Field(examples=["Asia/Shanghai"])]
    remind_at: Annotated[Timestamp | None, Field(title=say("Reminder at"))]
    reminded_at: Annotated[
        Timestamp | None, Field(description="When the reminder of that time was sent.")
    ]
    overdue_at: Annotated[
        Timestamp | None,
        Field(
            title=say("Overdue since"),
            description=say("When it was found open after its time; it stays when it is done."),
        ),
    ]
    completed_at: Annotated[Timestamp | None, Field(title=say("Completed"))]
    cancelled_at: Annotated[Timestamp | None, Field(title=say("Cancelled"))]
    cancellation_reason: Annotated[str | None, Field(examples=["The customer has bought"])]
    checklist: list[ChecklistItemRead]
    recurrence: RecurrenceRead | None
    series_id: Annotated[
        TaskId | None,
        Field(title=say("Series"), description=say("The first task of the series that it is in.")),
    ]
    occurrence_on: Annotated[
        CalendarDate | None,
        Field(
            title=say("Occurrence"),
            description=say("The day of the series that it stands for, wherever it was moved."),
        ),
    ]
    occurrence_at: Annotated[
        Timestamp | None, Field(description="The same as an instant, where it has a time.")
    ]
    next_task_id: Annotated[
        TaskId | None, Field(description="The next of its series, once this one is over.")
    ]
    records: Annotated[
        list[AnyId], Field(description="What it is about; each is shown to those who see it.")
    ]
    external_ids: Annotated[dict[str, str], Field(examples=[{"sap": "0000104711"}])]
    external_id_aliases: list[ExternalIdAliasRead]
    custom: Annotated[Custom, Without("custom", "task")]
    customer: Annotated["CustomerRead | MISSING | None", Expanded("customer_id")] = MISSING


class TaskOccurrences(BaseModel):
    """When the next ones of a series will be due, if this one is done."""

    object: Literal["task_occurrences"]
    task_id: TaskId
    occurrences: list[OccurrenceTime]
