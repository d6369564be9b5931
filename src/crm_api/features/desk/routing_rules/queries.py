"""Which rules there are, in the order in which they are asked."""

from typing import Annotated, Literal

from pydantic import Field

from crm_api.features.desk.queues.schemas import QueueId
from crm_api.kit.filters import Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.platform.business_units.schemas import BusinessUnitId

from .schemas import RoutingRuleRead

Sort = Literal["position", "-position", "created_at", "-created_at"]


class RoutingRulePage(Page[RoutingRuleRead]):
    """One page of routing rules."""


class RoutingRuleQuery(ListQuery):
    sort: Annotated[list[Sort], Field(min_length=1, max_length=2)] = ["position"]
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    queue_id: Annotated[list[QueueId], Where("queue_id"), Field(max_length=50)] = []
    enabled: Annotated[bool | None, Where("enabled")] = None
