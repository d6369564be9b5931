from typing import ClassVar

from crm_api.kit.events import Event


class RoleCreated(Event):
    """A role was made."""

    type: ClassVar[str] = "role.created"


class RoleUpdated(Event):
    """A role was renamed, or lets its holders do something else."""

    type: ClassVar[str] = "role.updated"


class RoleArchived(Event):
    """A role gives nothing to anybody any more."""

    type: ClassVar[str] = "role.archived"


class RoleRestored(Event):
    """A role gives its permissions again."""

    type: ClassVar[str] = "role.restored"
