from typing import ClassVar

from crm_api.kit.events import Event


class ViewCreated(Event):
    """A search was saved under a name."""

    type: ClassVar[str] = "view.created"


class ViewUpdated(Event):
    """A view was renamed, shared or kept back, or searches for something else."""

    type: ClassVar[str] = "view.updated"


class ViewDeleted(Event):
    """A view was deleted."""

    type: ClassVar[str] = "view.deleted"
