from typing import ClassVar

from crm_api.kit.events import Event


class ReturnRequested(Event):
    type: ClassVar[str] = "return.requested"


class ReturnUpdated(Event):
    type: ClassVar[str] = "return.updated"


class ReturnApproved(Event):
    type: ClassVar[str] = "return.approved"


class ReturnRejected(Event):
    type: ClassVar[str] = "return.rejected"


class ReturnReceived(Event):
    """Goods of a return have arrived, all of them or some."""

    type: ClassVar[str] = "return.received"


class ReturnClosed(Event):
    """Nothing more of a return is waited for."""

    type: ClassVar[str] = "return.closed"
