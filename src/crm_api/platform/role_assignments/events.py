from typing import ClassVar

from crm_api.kit.events import Event


class RoleAssigned(Event):
    """A user was given a role, from a time on."""

    type: ClassVar[str] = "role_assignment.created"


class RoleAssignmentEnded(Event):
    """The time was settled from which on a user does not hold a role any more."""

    type: ClassVar[str] = "role_assignment.ended"
