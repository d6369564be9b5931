from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, gone, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .queries import RoutingRulePage, RoutingRuleQuery
from .resource import ROUTING_RULE
from .schemas import RoutingRuleCreate, RoutingRuleId, RoutingRuleRead, RoutingRuleUpdate
from .service import RoutingRuleService

ids_in_paths(ROUTING_RULE.prefix)
router = resource("routing-rules", "routing-rules")

Reader = Annotated[RoutingRuleService, provide(RoutingRuleService, "routing_rules:read")]
Writer = Annotated[RoutingRuleService, provide(RoutingRuleService, "routing_rules:write")]


@router.get("", response_model=RoutingRulePage)
async def list_routing_rules(
    rules: Reader, query: Annotated[RoutingRuleQuery, asked(RoutingRuleQuery)]
) -> Response:
    """List routing rules, in the order in which they are asked."""
    return listed(await rules.list(query))


@router.post("", status_code=201, response_model=RoutingRuleRead)
async def create_routing_rule(rules: Writer, data: RoutingRuleCreate) -> Response:
    """Say which tickets go to a queue, and what it takes to answer them.

    The first rule that fits a ticket is the one; a rule whose queue is archived is passed over.
    What none fits goes to the default queue.
    """
    return created(await rules.create(data))


@router.get("/{id:rou}", response_model=RoutingRuleRead)
async def get_routing_rule(rules: Reader, id: RoutingRuleId) -> Response:
    """Read a routing rule."""
    return found(await rules.get(id))


@router.patch("/{id:rou}", response_model=RoutingRuleRead)
async def update_routing_rule(
    rules: Writer, id: RoutingRuleId, data: RoutingRuleUpdate
) -> Response:
    """Change some fields of a routing rule. Tickets stay in the queues where they are."""
    return changed(await rules.update(id, data))


@router.delete("/{id:rou}", status_code=204)
async def delete_routing_rule(rules: Writer, id: RoutingRuleId) -> Response:
    """Delete a routing rule. Tickets stay in the queues where they are."""
    await rules.delete(id)
    return gone()
