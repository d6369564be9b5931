"""What may be asked of deals."""

import operator
from typing import Annotated, Literal

from pydantic import Field

from crm_api.features.customers.schemas import CustomerId
from crm_api.features.pipeline.pipelines.schemas import PipelineId, StageCode, StageId, StageKind
from crm_api.kit.figures import Aggregate
from crm_api.kit.filtering import CustomSort, Search
from crm_api.kit.filters import OneOf, Present, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import EXPAND, ListQuery
from crm_api.kit.schema import Input
from crm_api.kit.search import Found, SearchText
from crm_api.kit.searches import searches
from crm_api.kit.times import CalendarDate, Timestamp
from crm_api.platform.audit.schemas import AsOf
from crm_api.platform.business_units.criteria import Under
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId
from crm_api.platform.parties.schemas import Source
from crm_api.platform.users.schemas import UserId

from .models import COLLABORATING, TALKING, DealState, ForecastCategory
from .schemas import DealRead

Expand = Annotated[list[Literal["customer", "customer.parent"]], EXPAND]
State = Annotated[list[DealState], OneOf("state"), Field(max_length=10)]
Sort = Literal[
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "name",
    "-name",
    "expected_close_on",
    "-expected_close_on",
    "base_amount",
    "-base_amount",
]


class DealShown(Input):
    expand: Expand = []


class DealThen(DealShown, AsOf):
    """Now with others beside it, or alone as it was."""


class DealPage(Page[DealRead]):
    """One page of deals."""


class _DealQuery(ListQuery):
    sorts = {
        "name": "sort_name",
        "expected_close_on": "close_order",
        "base_amount": "value_order",
    }

    expand: Expand = []
    q: Annotated[
        SearchText | None, Found("deals"), Field(description="Parts of names and pinyin.")
    ] = None
    state: State = [DealState.live]


class DealQuery(_DealQuery):
    sort: Annotated[
        list[Sort],
        Field(
            min_length=1,
            max_length=3,
            description="First key first; `-` descends. Without a date last, without an amount as "
            "if it were 0.",
        ),
    ] = ["-created_at"]
    customer_id: Annotated[list[CustomerId], Where("customer_id"), Field(max_length=50)] = []
    contact_id: Annotated[list[CustomerId], TALKING, Field(max_length=50)] = []
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
    pipeline_id: Annotated[list[PipelineId], Where("pipeline_id"), Field(max_length=50)] = []
    stage_id: Annotated[list[StageId], Where("stage_id"), Field(max_length=50)] = []
    stage: Annotated[list[StageCode], Where("stage"), Field(max_length=50)] = []
    status: Annotated[list[StageKind], OneOf("status"), Field(max_length=10)] = []
    forecast_category: Annotated[
        list[ForecastCategory], OneOf("forecast_category"), Field(max_length=10)
    ] = []
    source: Annotated[list[Source], Where("source"), Field(max_length=50)] = []
    stale: Annotated[
        bool | None,
        Present("stale_since"),
        Field(description="Longer in their stage than it allows; or not."),
    ] = None
    expected_close_on__gte: Annotated[
        CalendarDate | None, Where("expected_close_on", operator.ge)
    ] = None
    expected_close_on__lt: Annotated[
        CalendarDate | None, Where("expected_close_on", operator.lt)
    ] = None
    closed_at__gte: Annotated[Timestamp | None, Where("closed_at", operator.ge)] = None
    closed_at__lt: Annotated[Timestamp | None, Where("closed_at", operator.lt)] = None
    created_at__gte: Annotated[Timestamp | None, Where("created_at", operator.ge)] = None
    created_at__lt: Annotated[Timestamp | None, Where("created_at", operator.lt)] = None
    updated_at__gte: Annotated[Timestamp | None, Where("updated_at", operator.ge)] = None
    updated_at__gt: Annotated[Timestamp | None, Where("updated_at", operator.gt)] = None
    updated_at__lt: Annotated[Timestamp | None, Where("updated_at", operator.lt)] = None


class DealSearch(Search, _DealQuery):
    """A filter, in place of the parameters that the list has for single fields."""

    sort: Annotated[
        list[Sort | CustomSort],
        Field(
            min_length=1,
            max_length=3,
            description="First key first; `-` descends. Alone, an indexed custom field sorts too, "
            "records without a value last.",
        ),
    ] = ["-created_at"]


searches["deals"] = DealSearch


class DealAggregate(Aggregate):
    """Which deals to count, and how."""

    state: State = [DealState.live]
