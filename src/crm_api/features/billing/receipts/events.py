from typing import ClassVar

from crm_api.kit.events import Event


class ReceiptCreated(Event):
    type: ClassVar[str] = "receipt.created"


class ReceiptUpdated(Event):
    """What a draft says was changed, or the note or external ids of another receipt."""

    type: ClassVar[str] = "receipt.updated"


class ReceiptConfirmed(Event):
    """The money is there: from now on the receipt pays for the orders that it is allocated to."""

    type: ClassVar[str] = "receipt.confirmed"


class ReceiptAllocated(Event):
    """More of a confirmed receipt pays for orders."""

    type: ClassVar[str] = "receipt.allocated"


class ReceiptDeallocated(Event):
    """A confirmed receipt pays for some orders no more."""

    type: ClassVar[str] = "receipt.deallocated"


class ReceiptReversed(Event):
    """Another receipt takes a receipt back: it pays for no order any more."""

    type: ClassVar[str] = "receipt.reversed"
