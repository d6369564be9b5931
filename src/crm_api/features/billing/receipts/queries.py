"""What may be asked of receipts."""

import operator
from typing import Annotated, Literal

from pydantic import Field

from crm_api.features.customers.schemas import CustomerId
from crm_api.features.trade.orders.schemas import OrderId
from crm_api.kit.figures import Aggregate
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

from .models import PAYING
from .schemas import PaymentMethod, ReceiptNumber, ReceiptRead, ReceiptStatus, Reference

Expand = Annotated[list[Literal["customer", "customer.parent"]], EXPAND]
Sort = Literal[
    "created_at", "-created_at", "updated_at", "-updated_at", "received_at", "-received_at"
]


class ReceiptShown(Input):
    expand: Expand = []


class ReceiptPage(Page[ReceiptRead]):
    """One page of receipts."""


class _ReceiptQuery(ListQuery):
    sort: Annotated[
        list[Sort],
        Field(min_length=1, max_length=3, description="First key first; `-` descends."),
    ] = ["-created_at"]
    expand: Expand = []


class ReceiptQuery(_ReceiptQuery):
    number: Annotated[list[ReceiptNumber], Where("number"), Field(max_length=50)] = []
    customer_id: Annotated[list[CustomerId], Where("customer_id"), Field(max_length=50)] = []
    order_id: Annotated[
        list[OrderId],
        PAYING,
        Field(max_length=50, description="Allocated to one of these orders."),
    ] = []
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    under: Annotated[
        list[UnderId],
        Under("business_unit_id"),
        Field(max_length=50, description="Of one of these units, or of one below it."),
    ] = []
    handler_id: Annotated[list[UserId], Where("handler_id"), Field(max_length=50)] = []
    status: Annotated[list[ReceiptStatus], OneOf("status"), Field(max_length=10)] = []
    method: Annotated[list[PaymentMethod], OneOf("method"), Field(max_length=10)] = []
    reference: Annotated[list[Reference], Where("reference"), Field(max_length=50)] = []
    has_credit: Annotated[
        bool | None,
        Where("has_credit"),
        Field(description="Confirmed, and not allocated whole: what is left is credit."),
    ] = None
    received_at__gte: Annotated[Timestamp | None, Where("received_at", operator.ge)] = None
    received_at__lt: Annotated[Timestamp | None, Where("received_at", operator.lt)] = None
    created_at__gte: Annotated[Timestamp | None, Where("created_at", operator.ge)] = None
    created_at__lt: Annotated[Timestamp | None, Where("created_at", operator.lt)] = None
    updated_at__gte: Annotated[Timestamp | None, Where("updated_at", operator.ge)] = None
    updated_at__gt: Annotated[Timestamp | None, Where("updated_at", operator.gt)] = None
    updated_at__lt: Annotated[Timestamp | None, Where("updated_at", operator.lt)] = None


class ReceiptSearch(Search, _ReceiptQuery):
    """A filter, in place of the parameters that the list has for single fields."""


searches["receipts"] = ReceiptSearch


class ReceiptAggregate(Aggregate):
    """How to count receipts, and what to reckon."""
