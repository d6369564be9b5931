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
