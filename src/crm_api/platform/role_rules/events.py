from typing import ClassVar

from crm_api.kit.events import Event


class RoleRuleCreated(Event):
    """Whoever comes with a token that says so holds a role from now on."""

    type: ClassVar[str] = "role_rule.created"


class RoleRuleDeleted(Event):
    """Tokens that say so give the role no more. Rules of a provider that is deleted go with it,
    and only its own event tells of that."""

    type: ClassVar[str] = "role_rule.deleted"
