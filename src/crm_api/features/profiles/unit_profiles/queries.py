"""What may be asked of unit profiles."""

import operator
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import ARRAY, Select, Uuid, and_, bindparam, select, text

from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.customers.schemas import CustomerId
from crm_api.features.profiles.grade_schemes.schemas import GradeCode
from crm_api.kit.actor import Actor
from crm_api.kit.db import table_of
from crm_api.kit.events import Event
from crm_api.kit.filtering import Search
from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import EXPAND, ListQuery
from crm_api.kit.reach import ByViewers
from crm_api.kit.schema import Input
from crm_api.kit.searches import searches
from crm_api.kit.statement import TENANT
from crm_api.kit.times import Timestamp
from crm_api.platform.business_units.criteria import Under
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId
from crm_api.platform.users.schemas import UserId

from .models import COLLABORATING, Lifecycle, UnitProfile
from .schemas import UnitProfileRead

Expansion = Literal["customer", "customer.parent"]
Sort = Literal["created_at", "-created_at", "updated_at", "-updated_at"]
Expand = Annotated[list[Expansion], EXPAND]


class UnitProfileShown(Input):
    expand: Expand = []


class UnitProfilePage(Page[UnitProfileRead]):
    """One page of unit profiles."""


class UnitProfilesOfCustomer(ListQuery):
    sort: Annotated[list[Sort], Field(min_length=1, max_length=2)] = ["-created_at"]
    expand: Expand = []


class UnitProfileQuery(UnitProfilesOfCustomer):
    customer_id: Annotated[list[CustomerId], Where("customer_id"), Field(max_length=50)] = []
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    under: Annotated[
        list[UnderId],
        Under("business_unit_id"),
        Field(max_length=50, description="Of one of these units, or of one below it."),
    ] = []
    owner_id: Annotated[list[UserId], Where("owner_id"), Field(max_length=50)] = []
    collaborator_id: Annotated[list[UserId], COLLABORATING, Field(max_length=50)] = []
    grade: Annotated[list[GradeCode], Where("grade"), Field(max_length=50)] = []
    lifecycle: Annotated[list[Lifecycle], OneOf("lifecycle"), Field(max_length=10)] = []
    updated_at__gte: Annotated[Timestamp | None, Where("updated_at", operator.ge)] = None
    updated_at__gt: Annotated[Timestamp | None, Where("updated_at", operator.gt)] = None
    updated_at__lt: Annotated[Timestamp | None, Where("updated_at", operator.lt)] = None


class UnitProfileSearch(Search, UnitProfilesOfCustomer):
    """A filter, in place of the parameters that the list has for single fields."""


searches["unit_profiles"] = UnitProfileSearch


Contacts = Mapping[tuple[UUID, UUID], tuple[datetime, Event]]
"""When customers were contacted for units, and the event that tells of it."""
OF_LIVE = text(
    "SELECT p.id FROM customers c JOIN unit_profiles p ON p.tenant_id = c.tenant_id "
    "AND p.customer_id = c.id JOIN unnest(CAST(:customers AS uuid[]), CAST(:units AS uuid[])) "
    "AS pair(customer, unit) ON p.customer_id = pair.customer AND p.business_unit_id = pair.unit "
    "WHERE c.tenant_id = :tenant AND c.state = 'live' ORDER BY c.id, p.id FOR SHARE OF c"
)


def units_behind(actor: Actor, right: str) -> Select[Any]:
    """The units by whose profiles a right of somebody reaches a `customer`: what others share with
    a unit is reached by no profile."""
    sight = CUSTOMER.model.sight
    assert isinstance(sight, ByViewers)
    seen, profiles = table_of(sight.model), table_of(UnitProfile)
    known = and_(profiles.c.tenant_id == seen.c.tenant_id, profiles.c.id == seen.c.source_id)
    mine = (seen.c.tenant_id == TENANT, seen.c.customer_id == bindparam("customer", type_=Uuid()))
    found = select(seen.c.unit_id).distinct().join(profiles, known).where(*mine)
    limits = {"viewer_id": actor.reach.viewers.get(right), "unit_id": actor.reach.within}
    for column, ids in limits.items():
        if ids is not None:
            among = bindparam(column, value=list(ids), type_=ARRAY(Uuid()))
            found = found.where(seen.c[column] == among.any_())
    return found
