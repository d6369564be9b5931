from typing import ClassVar

from crm_api.kit.events import Event


class UserCreated(Event):
    """A user was invited."""

    type: ClassVar[str] = "user.created"


class UserUpdated(Event):
    type: ClassVar[str] = "user.updated"


class UserActivated(Event):
    type: ClassVar[str] = "user.activated"


class UserLinked(Event):
    """A user was linked to a subject of an identity provider."""

    type: ClassVar[str] = "user.linked"


class UserUnlinked(Event):
    """A user was separated from the subject of an identity provider."""

    type: ClassVar[str] = "user.unlinked"


class UserSuspended(Event):
    type: ClassVar[str] = "user.suspended"


class UserReactivated(Event):
    type: ClassVar[str] = "user.reactivated"


class UserDeparted(Event):
    """A user left the group."""

    type: ClassVar[str] = "user.departed"


class UserHandedOver(Event):
    """It was begun to hand over what belongs to a user; each record that changes hands tells of
    itself, with this event as its cause."""

    type: ClassVar[str] = "user.handed_over"


class UserRevoked(Event):
    """The invitation of a user was revoked."""

    type: ClassVar[str] = "user.revoked"
