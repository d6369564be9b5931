from typing import ClassVar

from crm_api.kit.events import Event


class AccessGranted(Event):
    """A unit was given access to a customer of others."""

    type: ClassVar[str] = "access_grant.created"


class AccessGrantRevoked(Event):
    """Access to a customer was taken back, or given up."""

    type: ClassVar[str] = "access_grant.revoked"


class AccessGrantExpired(Event):
    """The time of a grant is over."""

    type: ClassVar[str] = "access_grant.expired"
