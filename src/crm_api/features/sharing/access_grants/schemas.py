from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.customers.schemas import CustomerId
from crm_api.kit.eyes import WhereSeen, shown_if_seen
from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum
from crm_api.kit.times import Timestamp
from crm_api.kit.words import say
from crm_api.platform.business_units.criteria import Under
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId
from crm_api.platform.users.schemas import UserId

from .models import AccessGrant, AccessGrantState
from .models import AccessLevel as AccessLevel
from .models import Basis as Basis
from .resource import ACCESS_GRANT

STATE = OpenEnum(
    AccessGrantState,
    active=say("In force"),
    revoked=say("Revoked"),
    expired=say("Expired"),
)
AccessGrantId = Annotated[UUID, ACCESS_GRANT.prefix]
IF_SEEN = shown_if_seen(CUSTOMER)
HiddenCustomerId = Annotated[
    CustomerId | None,
    IF_SEEN,
    Field(description="Null to those who do not see the customer by now."),
]
SeenCustomerIds = Annotated[
    list[CustomerId],
    WhereSeen("customer_id", mark=IF_SEEN),
    Field(max_length=50, description="Of customers that you see."),
]
Level = Annotated[
    AccessLevel,
    Field(description="`write` lets the unit change the customer too, as far as its roles do."),
]
Until = Annotated[
    Timestamp,
    Field(
        description="From then on the unit does not see the customer by this any more; null for no "
        "end.",
    ),
]
ON_BASES = (
    "For a person whose data goes to another legal entity `basis`, `recipient` and `purpose` are "
    "needed (PIPL, articles 20, 21 and 23)."
)
GivenBasis = Annotated[Basis, Field(description=f"On what the sharing stands. {ON_BASES}")]
Recipient = Annotated[
    Line,
    Field(
        max_length=200,
        description="Who receives the data, as the person was told.",
        examples=["旭日零售有限公司"],
    ),
]
Purpose = Annotated[
    Line, Field(max_length=500, description="What for.", examples=["Joint membership"])
]
Reason = Annotated[
    Line, Field(max_length=500, description="For people.", examples=["Joint tender in Hangzhou"])
]


class AccessTerms(Input):
    """What stands in requests and in grants."""

    level: Level = AccessLevel.read
    until: Until | None = None
    basis: GivenBasis | None = None
    recipient: Recipient | None = None
    purpose: Purpose | None = None


class AccessGrantCreate(AccessTerms):
    customer_id: CustomerId
    business_unit_id: Annotated[BusinessUnitId, Field(description="The unit that is to see it.")]
    reason: Reason | None = None


class AccessGrantRevoke(Input):
    reason: Reason | None = None


class TermsRead(EntityRead):
    """What is read of the terms, of requests and of grants."""

    customer_id: HiddenCustomerId
    business_unit_id: Annotated[BusinessUnitId, Field(description="The unit that it is for.")]
    level: Annotated[str, OpenEnum(AccessLevel)]
    until: Annotated[Timestamp | None, Field(description="Null for no end.", examples=[None])]
    reason: Annotated[str | None, Field(examples=["Joint tender in Hangzhou"])]
    basis: Annotated[str | None, OpenEnum(Basis)]
    recipient: Annotated[
        str | None, Field(description="Who receives the data.", examples=["旭日零售有限公司"])
    ]
    purpose: Annotated[str | None, Field(description="What for.", examples=["Joint membership"])]


class AccessGrantRead(TermsRead):
    """That a unit sees a customer of others: the golden record, and no other unit's profile."""

    table = AccessGrant

    id: AccessGrantId
    object: Literal["access_grant"]
    state: Annotated[str, STATE]
    user_id: Annotated[
        UserId | None,
        Field(description="Who asked for it, and sees the customer too; null where nobody asked."),
    ]
    ended_at: Annotated[
        Timestamp | None, Field(description="When it was revoked, or had expired.", examples=[None])
    ]
    ended_reason: Annotated[str | None, Field(examples=[None])]


class AccessGrantPage(Page[AccessGrantRead]):
    """One page of access grants."""


class AccessQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    customer_id: SeenCustomerIds = []
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    under: Annotated[
        list[UnderId],
        Under("business_unit_id"),
        Field(max_length=50, description="In one of these units, or in one below it."),
    ] = []


class AccessGrantQuery(AccessQuery):
    state: Annotated[list[AccessGrantState], OneOf("state"), Field(max_length=10)] = []
    user_id: Annotated[list[UserId], Where("user_id"), Field(max_length=50)] = []
