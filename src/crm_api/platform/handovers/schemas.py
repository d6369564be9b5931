from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from crm_api.kit.schema import Input
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.users.schemas import UserId

MOST_RULES = 50
Count = Annotated[int, Field(ge=0, examples=[12])]


class HandoverRule(Input):
    """Who gets what stands in a unit, or below it; without a unit, whatever is left."""

    business_unit_id: BusinessUnitId | None = None
    to_user_id: UserId


class UserHandoverPlan(Input):
    """The first rule that fits a record decides; one that none fits stays as it is."""

    rules: Annotated[list[HandoverRule], Field(max_length=MOST_RULES)]


class UserHandover(UserHandoverPlan):
    rules: Annotated[list[HandoverRule], Field(min_length=1, max_length=MOST_RULES)]


class HandoverShare(BaseModel):
    """So many records go to a user."""

    user_id: UserId
    records: Count


class HandoverOfRole(BaseModel):
    """What becomes of the records of a noun in which the user has a role."""

    noun: Annotated[str, Field(examples=["unit_profile"])]
    role: Annotated[str, Field(examples=["owner"])]
    to: Annotated[list[HandoverShare], Field(description="Who takes over the role, in how many.")]
    removed: Annotated[
        Count, Field(description="In so many the role ends: nobody takes over a membership.")
    ]
    left: Annotated[Count, Field(description="So many stay as they are: no rule fits them.")]
    read_only: Annotated[
        Count,
        Field(
            description="So many stay as they are because they are not changed any more, such as "
            "archived teams."
        ),
    ]


class UserHandoverPreview(BaseModel):
    """What a handover would do; nothing has been changed."""

    object: Literal["user_handover_preview"]
    user_id: UserId
    roles: Annotated[list[HandoverOfRole], Field(description="Every role in every noun.")]


class Asked(UserHandover):
    """What a job is for; `cause` is the event that all it does follows from."""

    user_id: UUID
    cause: UUID
