from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import created, found, gone, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import ROLE_RULE
from .schemas import RoleRuleCreate, RoleRuleId, RoleRulePage, RoleRuleQuery, RoleRuleRead
from .service import RoleRuleService

ids_in_paths(ROLE_RULE.prefix)
router = resource("role-rules", "roles")

Reader = Annotated[RoleRuleService, provide(RoleRuleService, "role_rules:read")]
Writer = Annotated[RoleRuleService, provide(RoleRuleService, "role_rules:write")]


@router.get("", response_model=RoleRulePage)
async def list_role_rules(
    rules: Reader, query: Annotated[RoleRuleQuery, asked(RoleRuleQuery)]
) -> Response:
    """List which roles tokens give, newest rules first."""
    return listed(await rules.list(query))


@router.post("", status_code=201, response_model=RoleRuleRead)
async def create_role_rule(rules: Writer, data: RoleRuleCreate) -> Response:
    """Give a role to each user who comes with a token of a provider that says so, as long as it
    does, within a second. It counts beside the roles that are assigned to the user.

    While a rule fits, the user may do what roles say, and nothing else: the provider's own scopes
    do not count. Subjects that are linked to no user go on with those. What goes on after a
    request, in jobs and webhook endpoints, has no token: only roles that are assigned count there.
    A provider has 200 rules at most.
    """
    return created(await rules.create(data))


@router.get("/{id:rru}", response_model=RoleRuleRead)
async def get_role_rule(rules: Reader, id: RoleRuleId) -> Response:
    """Read a role rule."""
    return found(await rules.get(id))


@router.delete("/{id:rru}", status_code=204)
async def delete_role_rule(rules: Writer, id: RoleRuleId) -> Response:
    """Delete a rule. Tokens give the role by it no more, within a second."""
    await rules.delete(id)
    return gone()
