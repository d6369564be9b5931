from typing import ClassVar

from crm_api.kit.events import Event


class TeamCreated(Event):
    type: ClassVar[str] = "team.created"


class TeamUpdated(Event):
    """A team was updated, or its members were."""

    type: ClassVar[str] = "team.updated"


class TeamArchived(Event):
    type: ClassVar[str] = "team.archived"


class TeamRestored(Event):
    type: ClassVar[str] = "team.restored"
