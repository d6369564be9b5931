from typing import ClassVar

from crm_api.kit.events import Event


class AgentCreated(Event):
    """A user became an agent."""

    type: ClassVar[str] = "agent.created"


class AgentUpdated(Event):
    """The skills or the capacity of an agent changed."""

    type: ClassVar[str] = "agent.updated"


class AgentWentOnline(Event):
    """An agent takes tickets from now on."""

    type: ClassVar[str] = "agent.went_online"


class AgentWentAway(Event):
    """An agent takes no tickets for a while."""

    type: ClassVar[str] = "agent.went_away"


class AgentWentOffline(Event):
    """An agent has stopped working, or its user was suspended or left."""

    type: ClassVar[str] = "agent.went_offline"


class AgentArchived(Event):
    """Somebody is no agent any more, and is offline."""

    type: ClassVar[str] = "agent.archived"


class AgentRestored(Event):
    type: ClassVar[str] = "agent.restored"
