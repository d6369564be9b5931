"""What may be asked of activities."""

import operator
from typing import Annotated, Any, Literal

from pydantic import Field

from crm_api.features.customers.schemas import CustomerId
from crm_api.kit.any_ids import AnyId
from crm_api.kit.figures import Aggregate
from crm_api.kit.filtering import CustomSort, Search
from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import BESIDE_THE_QUESTION, EXPAND, NOTHING, ListQuery, Meant
from crm_api.kit.schema import Input
from crm_api.kit.searches import searches
from crm_api.kit.times import Timestamp
from crm_api.platform.business_units.criteria import Under
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId
from crm_api.platform.users.schemas import UserId

from .models import COLLABORATING, LINKED, ActivityKind, ActivityState
from .schemas import ActivityRead

Expand = Annotated[list[Literal["customer", "customer.parent", "contact"]], EXPAND]
Sort = Literal[
    "created_at", "-created_at", "updated_at", "-updated_at", "happens_at", "-happens_at"
]
OfCustomers = Annotated[list[CustomerId], Where("customer_id"), Field(max_length=50)]
OfUnits = Annotated[list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)]
OfOwners = Annotated[list[UserId], Where("owner_id"), Field(max_length=50)]


class ActivityShown(Input):
    expand: Expand = []


class ActivityPage(Page[ActivityRead]):
    """One page of activities."""


class ActivityQuery(ListQuery):
    sort: Annotated[
        list[Sort],
        Field(
            min_length=1,
            max_length=2,
            description="First key first; `-` descends. `happens_at` is the time of a calendar.",
        ),
    ] = ["-created_at"]
    expand: Expand = []
    kind: Annotated[list[ActivityKind], OneOf("kind"), Field(max_length=10)] = []
    state: Annotated[list[ActivityState], OneOf("state"), Field(max_length=10)] = []
    customer_id: OfCustomers = []
    contact_id: Annotated[list[CustomerId], Where("contact_id"), Field(max_length=50)] = []
    business_unit_id: OfUnits = []
    under: Annotated[
        list[UnderId],
        Under("business_unit_id"),
        Field(max_length=50, description="Of one of these units, or of one below it."),
    ] = []
    owner_id: OfOwners = []
    collaborator_id: Annotated[list[UserId], COLLABORATING, Field(max_length=50)] = []
    record_id: Annotated[
        list[AnyId],
        LINKED,
        Field(max_length=50, description="Linked to one of these records, such as a deal."),
    ] = []
    starts_at__gte: Annotated[Timestamp | None, Where("starts_at", operator.ge)] = None
    starts_at__lt: Annotated[Timestamp | None, Where("starts_at", operator.lt)] = None
    done_at__gte: Annotated[Timestamp | None, Where("done_at", operator.ge)] = None
    done_at__lt: Annotated[Timestamp | None, Where("done_at", operator.lt)] = None
    happens_at__gte: Annotated[Timestamp | None, Where("happens_at", operator.ge)] = None
    happens_at__lt: Annotated[Timestamp | None, Where("happens_at", operator.lt)] = None
    updated_at__gte: Annotated[Timestamp | None, Where("updated_at", operator.ge)] = None
    updated_at__gt: Annotated[Timestamp | None, Where("updated_at", operator.gt)] = None
    updated_at__lt: Annotated[Timestamp | None, Where("updated_at", operator.lt)] = None


class ActivitySearch(Search, ListQuery):
    """A filter, in place of the parameters that the list has for single fields."""

    expand: Expand = []
    sort: Annotated[
        list[Sort | CustomSort],
        Field(
            min_length=1,
            max_length=2,
            description="First key first; `-` descends. Alone, an indexed custom field sorts too, "
            "records without a value last.",
        ),
    ] = ["-created_at"]


searches["activities"] = ActivitySearch


class ActivityAggregate(Aggregate):
    """Which activities to count, and how."""


class ActivitiesDue(ListQuery):
    sort: list[Literal["due_at"]] = ["due_at"]
    expand: Expand = []
    until: Annotated[
        Timestamp | None,
        Where("due_at", operator.le),
        Field(description="What is due by then; left out, by now."),
    ] = None
    customer_id: OfCustomers = []
    business_unit_id: OfUnits = []
    owner_id: OfOwners = []

    def used(self, meant: Meant = NOTHING) -> dict[str, Any]:
        return {"until": self.until, **super().used(meant)}

    def question(self) -> str:
        """A cursor is good for later too: what has become due since is found further on."""
        return self.model_dump_json(exclude={*BESIDE_THE_QUESTION, "until"})
