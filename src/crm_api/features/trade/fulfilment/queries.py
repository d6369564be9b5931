"""What may be asked alike of shipments and of returns."""

import operator
from typing import Annotated, Literal

from pydantic import Field

from crm_api.features.customers.schemas import CustomerId
from crm_api.features.trade.orders.schemas import OrderId
from crm_api.features.trade.terms.schemas import OrderNumber
from crm_api.kit.filters import Where
from crm_api.kit.query import EXPAND, ListQuery
from crm_api.kit.schema import Input
from crm_api.kit.times import Timestamp
from crm_api.platform.business_units.criteria import Under
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId

Expand = Annotated[list[Literal["order", "customer"]], EXPAND]


class GoodsShown(Input):
    expand: Expand = []


class GoodsQuery(ListQuery):
    sort: Annotated[
        list[Literal["created_at", "-created_at", "updated_at", "-updated_at"]],
        Field(min_length=1, max_length=3, description="First key first; `-` descends."),
    ] = ["-created_at"]
    expand: Expand = []
    number: Annotated[list[OrderNumber], Where("number"), Field(max_length=50)] = []
    order_id: Annotated[list[OrderId], Where("order_id"), Field(max_length=50)] = []
    customer_id: Annotated[list[CustomerId], Where("customer_id"), Field(max_length=50)] = []
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    under: Annotated[
        list[UnderId],
        Under("business_unit_id"),
        Field(max_length=50, description="Of one of these units, or of one below it."),
    ] = []
    created_at__gte: Annotated[Timestamp | None, Where("created_at", operator.ge)] = None
    created_at__lt: Annotated[Timestamp | None, Where("created_at", operator.lt)] = None
    updated_at__gte: Annotated[Timestamp | None, Where("updated_at", operator.ge)] = None
    updated_at__gt: Annotated[Timestamp | None, Where("updated_at", operator.gt)] = None
    updated_at__lt: Annotated[Timestamp | None, Where("updated_at", operator.lt)] = None
