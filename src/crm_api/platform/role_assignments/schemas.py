from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crm_api.kit.filters import Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input
from crm_api.kit.times import Timestamp
from crm_api.platform.business_units.criteria import Under
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId
from crm_api.platform.roles.schemas import RoleId
from crm_api.platform.users.schemas import UserId

from .models import RoleAssignment
from .resource import ROLE_ASSIGNMENT

RoleAssignmentId = Annotated[UUID, ROLE_ASSIGNMENT.prefix]
UnitOfRole = Annotated[
    BusinessUnitId,
    Field(
        description="Where: what `unit` and `subtree` mean, and where records belong that the "
        "user makes. Needed for roles that reach less than the group."
    ),
]
Ends = Annotated[Timestamp, Field(description="Null for no end yet.")]


class RoleAssignmentCreate(Input):
    user_id: UserId
    role_id: RoleId
    business_unit_id: UnitOfRole | None = None
    starts_at: Annotated[Timestamp | None, Field(description="Now, when not sent.")] = None
    ends_at: Ends | None = None


class RoleAssignmentEnd(Input):
    ends_at: Annotated[
        Timestamp | None,
        Field(description="Now, when not sent; else a time to come."),
    ] = None


class RoleAssignmentRead(EntityRead):
    """That a user holds a role, where and when."""

    table = RoleAssignment

    id: RoleAssignmentId
    object: Literal["role_assignment"]
    user_id: UserId
    role_id: RoleId
    business_unit_id: Annotated[
        BusinessUnitId | None, Field(description="Where; null for the whole group.")
    ]
    starts_at: Annotated[Timestamp, Field(description="From then on the user holds it.")]
    ends_at: Annotated[
        Timestamp | None,
        Field(description="From then on no more; null for no end.", examples=[None]),
    ]


class RoleAssignmentPage(Page[RoleAssignmentRead]):
    """One page of role assignments."""


class RoleAssignmentQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    user_id: Annotated[list[UserId], Where("user_id"), Field(max_length=50)] = []
    role_id: Annotated[list[RoleId], Where("role_id"), Field(max_length=50)] = []
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    under: Annotated[
        list[UnderId],
        Under("business_unit_id"),
        Field(max_length=50, description="In one of these units, or in one below it."),
    ] = []
