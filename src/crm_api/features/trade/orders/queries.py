"""What may be asked of orders."""

import operator
from typing import Annotated, Literal

from pydantic import Field

from crm_api.features.catalogue.products.schemas import ProductId
from crm_api.features.customers.schemas import CustomerId
from crm_api.features.pipeline.deals.schemas import DealId
from crm_api.features.trade.terms.schemas import (
    MoneyStatus,
    OrderNumber,
    OrderStatus,
    Reference,
    ShipmentStatus,
)
from crm_api.kit.figures import Aggregate
from crm_api.kit.filtering import CustomSort, Search
from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import EXPAND, ListQuery
from crm_api.kit.schema import Input
from crm_api.kit.searches import searches
from crm_api.kit.times import Timestamp
from crm_api.platform.audit.schemas import AsOf
from crm_api.platform.business_units.criteria import Under
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId
from crm_api.platform.parties.schemas import Source
from crm_api.platform.users.schemas import UserId

from .models import CONTAINING
from .schemas import OrderRead

Expand = Annotated[list[Literal["customer", "customer.parent"]], EXPAND]
Sort = Literal[
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "ordered_at",
    "-ordered_at",
    "base_total",
    "-base_total",
]


class OrderShown(Input):
    expand: Expand = []


class OrderThen(OrderShown, AsOf):
    """Now with others beside it, or alone as it was."""


class OrderPage(Page[OrderRead]):
    """One page of orders."""


class _OrderQuery(ListQuery):
    sorts = {"base_total": "value_order"}

    expand: Expand = []


class OrderQuery(_OrderQuery):
    sort: Annotated[
        list[Sort],
        Field(
            min_length=1,
            max_length=3,
            description="First key first; `-` descends. Without a rate of its currency as if it "
            "were 0.",
        ),
    ] = ["-created_at"]
    number: Annotated[list[OrderNumber], Where("number"), Field(max_length=50)] = []
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
    deal_id: Annotated[list[DealId], Where("deal_id"), Field(max_length=50)] = []
    product_id: Annotated[
        list[ProductId],
        CONTAINING,
        Field(max_length=50, description="With a line of one of these products."),
    ] = []
    status: Annotated[list[OrderStatus], OneOf("status"), Field(max_length=10)] = []
    shipment_status: Annotated[
        list[ShipmentStatus], OneOf("shipment_status"), Field(max_length=10)
    ] = []
    payment_status: Annotated[list[MoneyStatus], OneOf("payment_status"), Field(max_length=10)] = []
    invoice_status: Annotated[list[MoneyStatus], OneOf("invoice_status"), Field(max_length=10)] = []
    source: Annotated[list[Source], Where("source"), Field(max_length=50)] = []
    customer_reference: Annotated[
        list[Reference], Where("customer_reference"), Field(max_length=50)
    ] = []
    ordered_at__gte: Annotated[Timestamp | None, Where("ordered_at", operator.ge)] = None
    ordered_at__lt: Annotated[Timestamp | None, Where("ordered_at", operator.lt)] = None
    created_at__gte: Annotated[Timestamp | None, Where("created_at", operator.ge)] = None
    created_at__lt: Annotated[Timestamp | None, Where("created_at", operator.lt)] = None
    updated_at__gte: Annotated[Timestamp | None, Where("updated_at", operator.ge)] = None
    updated_at__gt: Annotated[Timestamp | None, Where("updated_at", operator.gt)] = None
    updated_at__lt: Annotated[Timestamp | None, Where("updated_at", operator.lt)] = None


class OrderSearch(Search, _OrderQuery):
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


searches["orders"] = OrderSearch


class OrderAggregate(Aggregate):
    """How to count orders, and what to reckon."""
