from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .queries import SlaPolicyPage, SlaPolicyQuery
from .resource import SLA_POLICY
from .schemas import SlaPolicyCreate, SlaPolicyId, SlaPolicyRead, SlaPolicyUpdate
from .service import SlaPolicyService

ids_in_paths(SLA_POLICY.prefix)
router = resource("sla-policies", "sla-policies")

Reader = Annotated[SlaPolicyService, provide(SlaPolicyService, "sla_policies:read")]
Writer = Annotated[SlaPolicyService, provide(SlaPolicyService, "sla_policies:write")]


@router.get("", response_model=SlaPolicyPage)
async def list_sla_policies(
    policies: Reader, query: Annotated[SlaPolicyQuery, asked(SlaPolicyQuery)]
) -> Response:
    """List SLA policies, live ones unless `state` says otherwise, in the order in which they are
    held against tickets. Every tenant begins with one: whoever is tagged `vip` is answered within
    two hours."""
    return listed(await policies.list(query))


@router.post("", status_code=201, response_model=SlaPolicyRead)
async def create_sla_policy(policies: Writer, data: SlaPolicyCreate) -> Response:
    """Say how soon tickets are to be answered and resolved.

    Of the policies of a ticket's unit, of those above and of the group the first that fits counts,
    by `position`; else the default of the nearest unit, else that of the group. A clock is due when
    its minutes have gone by in the hours of the calendar; what is done before that instant is in
    time.
    """
    return created(await policies.create(data))


@router.get("/{id:slp}", response_model=SlaPolicyRead)
async def get_sla_policy(policies: Reader, id: SlaPolicyId) -> Response:
    """Read an SLA policy. An archived one is answered: look at its `state`."""
    return found(await policies.get(id))


@router.patch("/{id:slp}", response_model=SlaPolicyRead)
async def update_sla_policy(policies: Writer, id: SlaPolicyId, data: SlaPolicyUpdate) -> Response:
    """Change some fields of an SLA policy; its targets, and its escalations, all at once.

    Open clocks are reckoned anew, with all that they have counted so far. What was met or breached
    stays so.
    """
    return changed(await policies.update(id, data))


@router.post("/{id:slp}/archive", response_model=SlaPolicyRead)
async def archive_sla_policy(policies: Writer, id: SlaPolicyId) -> Response:
    """Take an SLA policy out of use. New tickets are not held against it any more."""
    return changed(await policies.archive(id))


@router.post("/{id:slp}/restore", response_model=SlaPolicyRead)
async def restore_sla_policy(policies: Writer, id: SlaPolicyId) -> Response:
    """Put an archived SLA policy into use again."""
    return changed(await policies.restore(id))
