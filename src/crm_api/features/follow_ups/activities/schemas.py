from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.features.customers.schemas import CustomerId, CustomerRead
from crm_api.kit.any_ids import AnyId
from crm_api.kit.columns import Expanded
from crm_api.kit.hiding import Without
from crm_api.kit.linked import MOST_LINKED
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum
from crm_api.kit.times import Timestamp
from crm_api.kit.words import say
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.custom_fields.schemas import Custom, CustomPatch
from crm_api.platform.external_ids.schemas import (
    Batch,
    BatchItem,
    ExternalIdAlias,
    ExternalIdAliasRead,
    ExternalIds,
    ExternalIdsPatch,
)
from crm_api.platform.users.schemas import MOST_COLLABORATORS, CollaboratorsChange, UserId

from .models import Activity, ActivityKind, ActivityState
from .resource import ACTIVITY

KIND = OpenEnum(
    ActivityKind,
    call=say("Call"),
    meeting=say("Meeting"),
    visit=say("Visit"),
    email=say("E-mail"),
    message=say("Message"),
    note=say("Note"),
)
STATE = OpenEnum(
    ActivityState,
    planned=say("Planned"),
    done=say("Done"),
    cancelled=say("Cancelled"),
    missed=say("Missed"),
)
ActivityId = Annotated[UUID, ACTIVITY.prefix]
Subject = Annotated[Line, Field(max_length=200, examples=["Spring order"])]
Text = Annotated[str, Field(min_length=1, max_length=10_000)]
Notes = Annotated[Text, Field(description="May have several lines.")]
About = Annotated[CustomerId, Field(description="With whom; null for what is within the group.")]
ContactId = Annotated[
    CustomerId,
    Field(description="Who is spoken to: a customer of kind person, such as the buyer of a firm."),
]
OfUnit = Annotated[
    BusinessUnitId,
    Field(description="For which unit; left out, the one that you work in. It stays so."),
]
Owner = Annotated[UserId, Field(description="Who does it; left out, you.")]
Collaborators = Annotated[
    list[UserId],
    Field(
        max_length=MOST_COLLABORATORS,
        description="Who else takes part. To add or remove some whatever others do, call "
        "`add-collaborators` and `remove-collaborators`.",
    ),
]
Place = Annotated[Line, Field(max_length=500, examples=["Their office, 3rd floor"])]
Outcome = Annotated[Text, Field(description="What came of it.", examples=["Wants an offer"])]
NextStep = Annotated[Line, Field(max_length=500, examples=["Send the offer"])]
NextContactAt = Annotated[
    Timestamp,
    Field(
        description="When the customer is to be contacted again. From then on the activity is due, "
        "until somebody has."
    ),
]
DoneAt = Annotated[Timestamp, Field(description="When it was done; not a time to come.")]
Records = Annotated[
    list[AnyId],
    Field(
        max_length=MOST_LINKED,
        description="Ids of records of any kind that it is about, such as a deal.",
        examples=[["cus_019a2b7c4d5e7f60a1b2c3d4e5f60718"]],
    ),
]
Reason = Annotated[
    Line,
    Field(max_length=500, description="For people; the history keeps it.", examples=["Is ill"]),
]
Aliases = Annotated[
    list[ExternalIdAlias],
    Field(max_length=50, description="Also find the record by these; replaced ids join them."),
]


class ActivityCreate(Input):
    kind: ActivityKind
    subject: Subject
    state: Annotated[
        Literal["planned", "done"] | MISSING,
        Field(
            description="Left out, `done` where `done_at` is sent, and for a note; else `planned`."
        ),
    ] = MISSING
    notes: Notes | None = None
    customer_id: About | None = None
    contact_id: ContactId | None = None
    business_unit_id: OfUnit | None = None
    owner_id: Owner | MISSING | None = MISSING
    collaborator_ids: Collaborators = []
    starts_at: Annotated[
        Timestamp | None,
        Field(description="When it is planned for, or began; what is planned needs it."),
    ] = None
    ends_at: Timestamp | None = None
    location: Place | None = None
    outcome: Outcome | None = None
    next_step: NextStep | None = None
    next_contact_at: NextContactAt | None = None
    done_at: Annotated[
        DoneAt | None, Field(description="When it was done; left out for what is done, now.")
    ] = None
    records: Records = []
    external_ids: ExternalIds | MISSING = MISSING
    custom: CustomPatch | MISSING = MISSING


class ActivityUpdate(Input):
    """A JSON merge patch (RFC 7396): absent keeps, null clears, arrays are replaced whole."""

    kind: ActivityKind | MISSING = MISSING
    subject: Subject | MISSING = MISSING
    notes: Notes | MISSING | None = MISSING
    customer_id: About | MISSING | None = MISSING
    contact_id: ContactId | MISSING | None = MISSING
    owner_id: Owner | MISSING | None = MISSING
    collaborator_ids: Collaborators | MISSING = MISSING
    starts_at: Timestamp | MISSING | None = MISSING
    ends_at: Timestamp | MISSING | None = MISSING
    location: Place | MISSING | None = MISSING
    outcome: Outcome | MISSING | None = MISSING
    next_step: NextStep | MISSING | None = MISSING
    next_contact_at: NextContactAt | MISSING | None = MISSING
    done_at: DoneAt | MISSING = MISSING
    records: Records | MISSING = MISSING
    external_ids: ExternalIdsPatch | MISSING = MISSING
    external_id_aliases: Aliases | MISSING = MISSING
    custom: CustomPatch | MISSING = MISSING
    reason: Annotated[
        Reason | MISSING,
        Field(
            description="Why; the history keeps it. Needed for what was done more than 24 hours "
            "ago."
        ),
    ] = MISSING


class ActivityUpsert(ActivityUpdate):
    """A merge patch; an activity that is not there yet needs `kind` and `subject`, and what is
    planned `starts_at`. `state` and `done_at` say what its system knows of it."""

    state: Literal["planned", "done"] | MISSING = MISSING
    business_unit_id: OfUnit | MISSING = MISSING


class ActivityBatchItem(BatchItem[ActivityUpsert]):
    """One activity as its system sees it."""


class ActivityBatch(Batch[ActivityBatchItem]):
    """Up to a hundred activities of one system, each created or changed by its external id."""


class ActivityComplete(Input):
    """What is left out stays as it was."""

    outcome: Outcome | MISSING | None = MISSING
    next_step: NextStep | MISSING | None = MISSING
    next_contact_at: NextContactAt | MISSING | None = MISSING
    done_at: Annotated[
        Timestamp | MISSING, Field(description="Left out, now; not a time to come.")
    ] = MISSING


class ActivityCancel(Input):
    reason: Reason | None = None


class ActivityReschedule(Input):
    starts_at: Timestamp
    ends_at: Annotated[
        Timestamp | None, Field(description="Left out, there is no end any more.")
    ] = None


class ParticipantsChange(CollaboratorsChange):
    reason: Annotated[
        Reason | None, Field(description="Needed for what was done more than 24 hours ago.")
    ] = None


class ActivityRead(EntityRead):
    """Something that was or will be done with a customer, or within the group."""

    table = Activity

    id: ActivityId
    object: Literal["activity"]
    kind: Annotated[str, KIND, Field(title=say("Kind"), description=say("What is done."))]
    state: Annotated[str, STATE, Field(title=say("State"), description=say("How far it is."))]
    subject: Annotated[str, Field(title=say("Subject"), examples=["Spring order"])]
    notes: Annotated[str | None, Field(title=say("Notes"))]
    customer_id: Annotated[CustomerId | None, Field(title=say("Customer"))]
    contact_id: Annotated[
        CustomerId | None,
        Field(title=say("Contact"), description=say("The person who is spoken to.")),
    ]
    business_unit_id: Annotated[BusinessUnitId, Field(title=say("Business unit"))]
    owner_id: Annotated[UserId | None, Field(title=say("Owner"), description=say("Who does it."))]
    collaborator_ids: Annotated[list[UserId], Field(description="Who else takes part.")]
    starts_at: Annotated[Timestamp | None, Field(title=say("Begins"))]
    ends_at: Annotated[Timestamp | None, Field(title=say("Ends"))]
    location: Annotated[str | None, Field(title=say("Place"))]
    outcome: Annotated[str | None, Field(title=say("Outcome"), description=say("What came of it."))]
    next_step: Annotated[str | None, Field(title=say("Next step"), examples=["Send the offer"])]
    next_contact_at: Annotated[
        Timestamp | None,
        Field(
            title=say("Next contact"),
            description=say("When the customer is to be contacted again."),
        ),
    ]
    done_at: Annotated[Timestamp | None, Field(title=say("Done at"))]
    due_at: Annotated[
        Timestamp | None,
        Field(
            title=say("Due"),
            description=say(
                "From when on somebody should look at it: the start of what is planned; the next "
                "contact of what is done, until the customer is contacted again for the unit. "
                "Empty for all else."
            ),
        ),
    ]
    happens_at: Annotated[
        Timestamp,
        Field(
            title=say("Time"),
            description=say("When it was done, or else was to begin."),
        ),
    ]
    records: Annotated[
        list[AnyId], Field(title=say("Records"), description=say("The records that it is about."))
    ]
    external_ids: Annotated[dict[str, str], Field(examples=[{"pbx": "4711"}])]
    external_id_aliases: list[ExternalIdAliasRead]
    custom: Annotated[Custom, Without("custom", "activity")]
    customer: Annotated["CustomerRead | MISSING | None", Expanded("customer_id")] = MISSING
    contact: Annotated["CustomerRead | MISSING | None", Expanded("contact_id")] = MISSING
