from typing import ClassVar

from crm_api.kit.events import Event


class ShipmentCreated(Event):
    type: ClassVar[str] = "shipment.created"


class ShipmentUpdated(Event):
    type: ClassVar[str] = "shipment.updated"


class ShipmentReadied(Event):
    """A shipment was packed and may be sent; or sent once more, if it had failed."""

    type: ClassVar[str] = "shipment.readied"


class ShipmentShipped(Event):
    """A shipment left for the customer; what it has of the order's lines counts as shipped."""

    type: ClassVar[str] = "shipment.shipped"


class ShipmentDelivered(Event):
    type: ClassVar[str] = "shipment.delivered"


class ShipmentAccepted(Event):
    """The customer has looked at what was delivered, and accepted it."""

    type: ClassVar[str] = "shipment.accepted"


class ShipmentRefused(Event):
    """The customer has not accepted what was delivered."""

    type: ClassVar[str] = "shipment.refused"


class ShipmentFailed(Event):
    """A shipment could not be delivered, and came back: it counts as shipped no more."""

    type: ClassVar[str] = "shipment.failed"


class ShipmentCancelled(Event):
    type: ClassVar[str] = "shipment.cancelled"


class ShipmentTracked(Event):
    """A carrier told where a shipment is."""

    type: ClassVar[str] = "shipment.tracked"
