from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .queries import AgentPage, AgentQuery, AgentShown
from .resource import AGENT
from .schemas import AgentCreate, AgentId, AgentRead, AgentUpdate
from .service import AgentService

ids_in_paths(AGENT.prefix)
router = resource("agents", "agents")

Reader = Annotated[AgentService, provide(AgentService, "agents:read")]
Writer = Annotated[AgentService, provide(AgentService, "agents:write")]
Present = Annotated[AgentService, provide(AgentService, "agents:read", "presence:write")]


@router.get("", response_model=AgentPage)
async def list_agents(agents: Reader, query: Annotated[AgentQuery, asked(AgentQuery)]) -> Response:
    """List agents, live ones unless `state` says otherwise, newest first."""
    return listed(await agents.list(query))


@router.post("", status_code=201, response_model=AgentRead)
async def create_agent(agents: Writer, data: AgentCreate) -> Response:
    """Make a user an agent: offline, until somebody says that he is there."""
    return created(await agents.create(data))


@router.get("/{id:agt}", response_model=AgentRead)
async def get_agent(
    agents: Reader, id: AgentId, query: Annotated[AgentShown, asked(AgentShown)]
) -> Response:
    """Read an agent, with the load of just now."""
    return found(await agents.get(id, query.expand))


@router.patch("/{id:agt}", response_model=AgentRead)
async def update_agent(agents: Writer, id: AgentId, data: AgentUpdate) -> Response:
    """Change what an agent can do, and how much at a time."""
    return changed(await agents.update(id, data))


@router.post("/{id:agt}/go-online", response_model=AgentRead)
async def go_online_agent(agents: Present, id: AgentId) -> Response:
    """Begin to take tickets. Of others than yourself it takes `agents:write` besides."""
    return changed(await agents.go_online(id))


@router.post("/{id:agt}/go-away", response_model=AgentRead)
async def go_away_agent(agents: Present, id: AgentId) -> Response:
    """Take no tickets for a while. Of others than yourself it takes `agents:write` besides."""
    return changed(await agents.go_away(id))


@router.post("/{id:agt}/go-offline", response_model=AgentRead)
async def go_offline_agent(agents: Present, id: AgentId) -> Response:
    """Stop working. Of others than yourself it takes `agents:write` besides."""
    return changed(await agents.go_offline(id))


@router.post("/{id:agt}/archive", response_model=AgentRead)
async def archive_agent(agents: Writer, id: AgentId) -> Response:
    """Let somebody be no agent any more. He is offline, and stays in his queues, which pass him
    over."""
    return changed(await agents.archive(id))


@router.post("/{id:agt}/restore", response_model=AgentRead)
async def restore_agent(agents: Writer, id: AgentId) -> Response:
    """Let an archived agent be one again, offline."""
    return changed(await agents.restore(id))
