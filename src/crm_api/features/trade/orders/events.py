from typing import ClassVar

from crm_api.features.trade.terms.schemas import OrderStatus
from crm_api.kit.events import Event


class OrderCreated(Event):
    type: ClassVar[str] = "order.created"


class OrderUpdated(Event):
    """What an order says beside what is ordered was changed, or a draft was."""

    type: ClassVar[str] = "order.updated"


class OrderRevised(Event):
    """What is ordered, or for how much, was changed after the order was confirmed."""

    type: ClassVar[str] = "order.revised"


class OrderConfirmed(Event):
    type: ClassVar[str] = "order.confirmed"


class OrderCompleted(Event):
    type: ClassVar[str] = "order.completed"


class OrderCancelled(Event):
    type: ClassVar[str] = "order.cancelled"


class OrderShipmentChanged(Event):
    """Goods of an order left, or came back because they could not be delivered."""

    type: ClassVar[str] = "order.shipment_changed"


class OrderGoodsReturned(Event):
    """Goods of an order were received back from the customer."""

    type: ClassVar[str] = "order.goods_returned"


class OrderPaymentChanged(Event):
    """Money was allocated to an order, or taken away again."""

    type: ClassVar[str] = "order.payment_changed"


REACHED: dict[str, type[Event]] = {
    OrderStatus.confirmed: OrderConfirmed,
    OrderStatus.completed: OrderCompleted,
    OrderStatus.cancelled: OrderCancelled,
}
"""What is told when an order has come to a state."""
