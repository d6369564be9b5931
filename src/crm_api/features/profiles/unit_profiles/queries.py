"""What may be asked of unit profiles."""

import operator
from typing import Annotated, Literal

from pydantic import Field

from crm_api.features.customers.schemas import CustomerId
from crm_api.features.profiles.grade_schemes.schemas import GradeCode
from crm_api.kit.filtering import Search
from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import EXPAND, ListQuery
from crm_api.kit.schema import Input
from crm_api.kit.searches import searches
from crm_api.kit.times import Timestamp
from crm_api.platform.business_units.criteria import Under
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId
from crm_api.platform.users.schemas import UserId

from .models import COLLABORATING, Lifecycle
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
