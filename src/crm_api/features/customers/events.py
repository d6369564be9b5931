from typing import ClassVar

from crm_api.kit.events import Event


class CustomerCreated(Event):
    type: ClassVar[str] = "customer.created"


class CustomerUpdated(Event):
    type: ClassVar[str] = "customer.updated"


class CustomerArchived(Event):
    type: ClassVar[str] = "customer.archived"


class CustomerRestored(Event):
    type: ClassVar[str] = "customer.restored"


class CustomerUnmasked(Event):
    """Somebody was shown a customer whole; nothing of the customer has changed.

    The audit record has the reason, which is text of people: not everybody who follows events may
    read it.
    """

    type: ClassVar[str] = "customer.unmasked"
