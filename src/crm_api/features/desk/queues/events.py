from typing import ClassVar

from crm_api.kit.events import Event


class QueueCreated(Event):
    type: ClassVar[str] = "queue.created"


class QueueUpdated(Event):
    """A queue was updated, or its members were."""

    type: ClassVar[str] = "queue.updated"


class QueueArchived(Event):
    type: ClassVar[str] = "queue.archived"


class QueueRestored(Event):
    type: ClassVar[str] = "queue.restored"
