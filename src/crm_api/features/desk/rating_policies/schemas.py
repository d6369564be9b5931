from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.kit.filters import Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, OpenEnum
from crm_api.kit.words import say
from crm_api.platform.business_units.schemas import BusinessUnitId

from .models import Consequence as Consequence
from .models import RatingKind as RatingKind
from .models import RatingPolicy
from .resource import RATING_POLICY
from .rules import BAD as BAD
from .rules import GOOD as GOOD
from .rules import SCALES as SCALES
from .rules import Policy as Policy
from .rules import is_detractor as is_detractor
from .rules import is_score as is_score

RatingPolicyId = Annotated[UUID, RATING_POLICY.prefix]
KIND = OpenEnum(RatingKind, csat=say("Satisfaction"), nps=say("Recommendation"))
CONSEQUENCE = OpenEnum(
    Consequence,
    nothing=say("Nothing"),
    flag=say("Flag the rating"),
    reopen=say("Open the ticket again"),
)
OfUnit = Annotated[
    BusinessUnitId,
    Field(
        description="The unit whose tickets it is for, and those of units below it that have no "
        "policy of their own; null for the whole group. For life; each has one."
    ),
]
Enabled = Annotated[bool, Field(description="Whether customers are asked.")]
Kind = Annotated[
    RatingKind,
    Field(
        description="`csat`: how satisfied they are, 1 to 5. `nps`: how likely they recommend us, "
        "0 to 10. Whoever was asked already answers as he was asked."
    ),
]
DelayHours = Annotated[
    int,
    Field(
        ge=0,
        le=720,
        description="How long after its resolution a ticket is asked about.",
        examples=[0],
    ),
]
ExpiresAfterDays = Annotated[
    int,
    Field(ge=1, le=365, description="How long an answer is taken.", examples=[14]),
]
FatigueDays = Annotated[
    int,
    Field(
        ge=0,
        le=3650,
        description="A customer is asked once in so many days, whatever the ticket; 0 for always.",
        examples=[30],
    ),
]
Detractors = Annotated[
    Consequence,
    Field(
        description="What a bad answer leads to, of `csat` 1 or 2, of `nps` up to 6: `flag` marks "
        "the rating (`rating.detractor`), `reopen` also opens the ticket again, if that may still "
        "be opened."
    ),
]


class RatingPolicyCreate(Input):
    business_unit_id: OfUnit | None = None
    enabled: Enabled = False
    kind: Kind = RatingKind.csat
    delay_hours: DelayHours = 0
    expires_after_days: ExpiresAfterDays = 14
    fatigue_days: FatigueDays = 30
    detractors: Detractors = Consequence.flag


class RatingPolicyUpdate(Input):
    """For another unit make another policy."""

    enabled: Enabled | MISSING = MISSING
    kind: Kind | MISSING = MISSING
    delay_hours: DelayHours | MISSING = MISSING
    expires_after_days: ExpiresAfterDays | MISSING = MISSING
    fatigue_days: FatigueDays | MISSING = MISSING
    detractors: Detractors | MISSING = MISSING


class RatingPolicyRead(EntityRead):
    """Whether customers are asked how satisfied they are, when, and how often."""

    table = RatingPolicy

    id: RatingPolicyId
    object: Literal["rating_policy"]
    business_unit_id: Annotated[
        BusinessUnitId | None, Field(description="Whose tickets it is for; null for the group.")
    ]
    enabled: bool
    kind: Annotated[str, KIND]
    delay_hours: Annotated[int, Field(examples=[0])]
    expires_after_days: Annotated[int, Field(examples=[14])]
    fatigue_days: Annotated[int, Field(examples=[30])]
    detractors: Annotated[str, CONSEQUENCE]


class RatingPolicyPage(Page[RatingPolicyRead]):
    """One page of rating policies."""


class RatingPolicyQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
