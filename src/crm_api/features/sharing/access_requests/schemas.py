from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, Field, model_validator

from crm_api.features.customers.schemas import CustomerId
from crm_api.features.sharing.access_grants.schemas import (
    AccessGrantId,
    AccessQuery,
    AccessTerms,
    GivenBasis,
    Level,
    Purpose,
    Reason,
    Recipient,
    TermsRead,
    Until,
)
from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.schema import Input, OpenEnum
from crm_api.kit.times import Timestamp
from crm_api.kit.words import misfit, say
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.users.schemas import UserId

from .models import AccessRequest, AccessRequestState
from .resource import ACCESS_REQUEST

STATE = OpenEnum(
    AccessRequestState,
    pending=say("Awaiting a decision"),
    approved=say("Approved"),
    rejected=say("Rejected"),
    withdrawn=say("Withdrawn"),
    expired=say("Expired"),
)
AccessRequestId = Annotated[UUID, ACCESS_REQUEST.prefix]
NAMED = ("reference", "customer_id")


class AccessRequestCreate(AccessTerms):
    """Either a `reference`, or the `customer_id` of somebody whom you see, for more or longer."""

    model_config = {"json_schema_extra": {"oneOf": [{"required": [name]} for name in NAMED]}}

    reference: Annotated[
        str | MISSING,
        Field(
            min_length=1,
            max_length=500,
            description="Of the answer of `POST /v1/customers/resolve` that told you of a customer "
            "whom you do not see; good for you, for 24 hours.",
        ),
    ] = MISSING
    customer_id: Annotated[CustomerId | MISSING, Field(description="A customer whom you see.")] = (
        MISSING
    )
    business_unit_id: Annotated[
        BusinessUnitId | None,
        Field(description="The unit that asks; left out, the one that you work in."),
    ] = None
    reason: Reason

    @model_validator(mode="after")
    def _one_customer(self) -> "AccessRequestCreate":
        if len(self.model_fields_set & set(NAMED)) != 1:
            raise misfit("not_one", say("Send either reference or customer_id"))
        return self


class AccessRequestApprove(Input):
    """What is left out is given as it was asked for."""

    level: Annotated[Level, Field(description="It can be lowered, and not raised.")] | MISSING = (
        MISSING
    )
    until: Until | MISSING | None = MISSING
    basis: GivenBasis | MISSING | None = MISSING
    recipient: Recipient | MISSING | None = MISSING
    purpose: Purpose | MISSING | None = MISSING


class AccessRequestReject(Input):
    reason: Reason


class AccessRequestRead(TermsRead):
    """What a unit asks for; what it was given stands in the grant."""

    table = AccessRequest

    id: AccessRequestId
    object: Literal["access_request"]
    state: Annotated[
        str,
        STATE,
        Field(description="`expired`: nobody has decided in 30 days."),
    ]
    requester_id: Annotated[
        UserId | None, Field(description="Who asks for the unit; null where a key does.")
    ]
    expires_at: Annotated[
        Timestamp, Field(description="From then on a request that is pending is `expired`.")
    ]
    decided_at: Annotated[
        Timestamp | None,
        Field(description="When it was approved, rejected, withdrawn, or had expired."),
    ]
    decider_id: Annotated[
        UserId | None,
        Field(description="Who did that; null where no user did: a key, or the time."),
    ]
    decision_reason: Annotated[str | None, Field(examples=["Ask the key account team first"])]
    access_grant_id: Annotated[AccessGrantId | None, Field(description="What was given.")]


class AccessRequestPage(Page[AccessRequestRead]):
    """One page of access requests."""


class AccessRequestQuery(AccessQuery):
    state: Annotated[list[AccessRequestState], OneOf("state"), Field(max_length=10)] = []
    requester_id: Annotated[list[UserId], Where("requester_id"), Field(max_length=50)] = []
