from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field

from crm_api.features.customers.schemas import CustomerId, CustomerRead
from crm_api.features.profiles.grade_schemes.schemas import GradeCode, GradeSchemeId
from crm_api.kit.columns import Expanded
from crm_api.kit.money import Money, MoneyIn
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum
from crm_api.kit.times import Timestamp
from crm_api.kit.words import misfit, say
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.users.schemas import MOST_COLLABORATORS, UserId

from .models import GradeSource, Lifecycle, UnitProfile
from .resource import UNIT_PROFILE

LIFECYCLE = OpenEnum(
    Lifecycle,
    prospect=say("Prospect"),
    active=say("Active"),
    dormant=say("Dormant"),
    lost=say("Lost"),
    blocked=say("Blocked"),
)
UnitProfileId = Annotated[UUID, UNIT_PROFILE.prefix]
Owner = Annotated[UserId, Field(description="Who looks after the customer for the unit.")]
Collaborators = Annotated[
    list[UserId],
    Field(
        max_length=MOST_COLLABORATORS,
        description="Who else works on the customer. To add or remove some whatever others do, "
        "call `add-collaborators` and `remove-collaborators`.",
    ),
]


def _not_negative(money: Money) -> Money:
    if money.value < 0:
        raise misfit("credit_limit_negative", say("Send an amount that is not below zero"))
    return money


CreditLimit = Annotated[
    Money,
    AfterValidator(_not_negative),
    Field(description="So much may be owed to the unit at most; null for no credit terms yet."),
]
CreditDays = Annotated[
    int, Field(ge=0, le=3650, description="Days until an invoice is due.", examples=[30])
]


class UnitProfileUpsert(Input):
    """A JSON merge patch (RFC 7396): absent keeps, null clears, arrays are replaced whole."""

    owner_id: Owner | MISSING | None = MISSING
    collaborator_ids: Collaborators | MISSING = MISSING
    grade: (
        Annotated[GradeCode, Field(description="A grade of the scheme in force, by its code.")]
        | MISSING
        | None
    ) = MISSING
    grade_expires_at: (
        Annotated[
            Timestamp,
            Field(
                description="From then on there is no grade again. Another grade without a time "
                "of its own stays until it is changed.",
            ),
        ]
        | MISSING
        | None
    ) = MISSING
    credit_limit: CreditLimit | MISSING | None = MISSING
    credit_days: CreditDays | MISSING | None = MISSING
    last_contact_at: Timestamp | MISSING | None = MISSING


class LifecycleMove(Input):
    """Where the customer is now in its life with the unit, and why."""

    to: Annotated[
        Lifecycle,
        Field(
            description="`x-state-machine` at `lifecycle` of a profile says what leads where; "
            "`blocked` leads back to where it came from only."
        ),
    ]
    reason: Annotated[
        Line | None,
        Field(max_length=500, description="For people.", examples=["Bought from a competitor"]),
    ] = None


class UnitProfileRead(EntityRead):
    """What one business unit knows and decides about one customer."""

    table = UnitProfile
    ruled = {
        **dict.fromkeys(("grade", "grade_scheme_id", "grade_source", "grade_expires_at"), "grade"),
        **dict.fromkeys(("credit_limit", "credit_currency"), "credit_limit"),
        "credit_days": "credit_days",
        "last_contact_at": "last_contact_at",
    }

    id: UnitProfileId
    object: Literal["unit_profile"]
    customer_id: Annotated[CustomerId, Field(title=say("Customer"))]
    business_unit_id: Annotated[BusinessUnitId, Field(title=say("Business unit"))]
    owner_id: Annotated[
        UserId | None,
        Field(title=say("Owner"), description=say("Who looks after the customer for the unit.")),
    ]
    collaborator_ids: Annotated[list[UserId], Field(description="Who else works on it.")]
    grade: Annotated[
        str | None,
        Field(
            title=say("Grade"),
            description=say("The code of a grade, as it was given."),
            examples=["A"],
        ),
    ]
    grade_scheme_id: Annotated[
        GradeSchemeId | None, Field(description="The scheme that the grade is of.")
    ]
    grade_source: Annotated[
        str | None, OpenEnum(GradeSource), Field(description="`manual`: somebody gave it.")
    ]
    grade_expires_at: Annotated[
        Timestamp | None,
        Field(
            title=say("Grade expires"),
            description=say("From then on there is no grade again."),
        ),
    ]
    lifecycle: Annotated[
        str,
        LIFECYCLE,
        Field(
            title=say("Lifecycle"),
            description=say("Where the customer is in its life with the unit."),
        ),
    ]
    lifecycle_before: Annotated[
        str | None,
        OpenEnum(Lifecycle),
        Field(description="While it is `blocked`: what it goes back to."),
    ]
    lifecycle_reason: Annotated[
        str | None, Field(description="Why it is so.", examples=["Bought from a competitor"])
    ]
    lifecycle_changed_at: Annotated[Timestamp, Field(title=say("Lifecycle since"))]
    credit_limit: Annotated[
        Money | None,
        MoneyIn("credit_limit", "credit_currency"),
        Field(description="So much may be owed to the unit at most."),
    ]
    credit_days: Annotated[
        int | None,
        Field(
            title=say("Credit days"),
            description=say("Days until an invoice is due."),
            examples=[30],
        ),
    ]
    last_contact_at: Annotated[Timestamp | None, Field(title=say("Last contact"))]
    customer: Annotated["CustomerRead | MISSING | None", Expanded("customer_id")] = MISSING
