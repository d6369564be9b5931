from typing import ClassVar

from crm_api.kit.events import Event


class RoutingRuleCreated(Event):
    type: ClassVar[str] = "routing_rule.created"


class RoutingRuleUpdated(Event):
    """A rule fits other tickets, sends them elsewhere, or is asked earlier or later."""

    type: ClassVar[str] = "routing_rule.updated"


class RoutingRuleDeleted(Event):
    type: ClassVar[str] = "routing_rule.deleted"
