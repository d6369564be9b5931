from typing import ClassVar

from crm_api.kit.events import Event


class ChannelCreated(Event):
    type: ClassVar[str] = "channel.created"


class ChannelUpdated(Event):
    type: ClassVar[str] = "channel.updated"


class ChannelSecretRotated(Event):
    type: ClassVar[str] = "channel.secret_rotated"


class ChannelArchived(Event):
    """From now on nothing comes in by it, and nothing leaves."""

    type: ClassVar[str] = "channel.archived"


class ChannelRestored(Event):
    type: ClassVar[str] = "channel.restored"
