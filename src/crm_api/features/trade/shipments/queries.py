"""What may be asked of shipments."""

import operator
from typing import Annotated

from pydantic import Field

from crm_api.features.trade.fulfilment.queries import GoodsQuery, GoodsShown
from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.times import Timestamp

from .models import ShipmentState
from .schemas import Carrier, ShipmentRead, TrackingNumber


class ShipmentShown(GoodsShown):
    """What to put beside a shipment."""


class ShipmentPage(Page[ShipmentRead]):
    """One page of shipments."""


class ShipmentQuery(GoodsQuery):
    status: Annotated[list[ShipmentState], OneOf("status"), Field(max_length=10)] = []
    carrier: Annotated[list[Carrier], Where("carrier"), Field(max_length=50)] = []
    tracking_number: Annotated[
        list[TrackingNumber], Where("tracking_number"), Field(max_length=50)
    ] = []
    shipped_at__gte: Annotated[Timestamp | None, Where("shipped_at", operator.ge)] = None
    shipped_at__lt: Annotated[Timestamp | None, Where("shipped_at", operator.lt)] = None
