from typing import ClassVar

from crm_api.kit.events import Event


class AccessRequested(Event):
    """A unit asked for access to a customer of others."""

    type: ClassVar[str] = "access_request.created"


class AccessRequestApproved(Event):
    """Access was given as it was asked for, or less of it; `access_grant_id` is what was given."""

    type: ClassVar[str] = "access_request.approved"


class AccessRequestRejected(Event):
    type: ClassVar[str] = "access_request.rejected"


class AccessRequestWithdrawn(Event):
    """The unit does not ask for access any more."""

    type: ClassVar[str] = "access_request.withdrawn"


class AccessRequestExpired(Event):
    """Nobody had decided in 30 days."""

    type: ClassVar[str] = "access_request.expired"
