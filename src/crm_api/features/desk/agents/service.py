from collections.abc import Mapping
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.events import Event
from crm_api.kit.linked import Held
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.reader import Expand
from crm_api.platform.users.service import UserService

from . import events
from .errors import NotEnabled, NotThatAgent
from .models import Agent, AgentState, Presence
from .queries import AgentQuery
from .repository import AgentRepository
from .resource import AGENT
from .schemas import AgentCreate, AgentRead, AgentUpdate


class AgentService:
    """Who answers tickets, what they can do, and who of them is there."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.agents = AgentRepository(ctx)

    async def list(self, query: AgentQuery) -> Listing:
        return await self.agents.page(query)

    async def get(self, id: UUID, expand: Expand = ()) -> Document[AgentRead]:
        return await self.agents.get(id, expand)

    async def create(self, data: AgentCreate) -> Written[AgentRead]:
        """Raises UnknownUsers."""
        await UserService(self.ctx).check_named({"/user_id": data.user_id})
        return self.agents.add(events.AgentCreated, id=self.ctx.new_id(), **data.changes())

    async def update(self, id: UUID, data: AgentUpdate) -> Written[AgentRead]:
        agent = await self.agents.editable(id)
        return self.agents.change(agent, events.AgentUpdated, **data.changes())

    async def go_online(self, id: UUID) -> Written[AgentRead]:
        """Raises NotThatAgent, NotEnabled."""
        agent = await self._theirs(id)
        if not await UserService(self.ctx).is_active(agent.user_id):
            raise NotEnabled
        return self._go(agent, Presence.online, events.AgentWentOnline)

    async def go_away(self, id: UUID) -> Written[AgentRead]:
        """Raises NotThatAgent."""
        return self._go(await self._theirs(id), Presence.away, events.AgentWentAway)

    async def go_offline(self, id: UUID) -> Written[AgentRead]:
        """Raises NotThatAgent."""
        return self._go(await self._theirs(id), Presence.offline, events.AgentWentOffline)

    async def archive(self, id: UUID) -> Written[AgentRead]:
        offline = {"presence": Presence.offline}
        return await self.agents.move(id, AgentState.archived, events.AgentArchived, **offline)

    async def restore(self, id: UUID) -> Written[AgentRead]:
        return await self.agents.move(id, AgentState.live, events.AgentRestored)

    async def sign_off(self, user: UUID) -> None:
        """A user who cannot sign in any more is there no longer."""
        agent = await self.agents.of_user(user)
        if agent and agent.presence != Presence.offline:
            offline = {"presence": Presence.offline}
            self.agents.bring_about(agent, events.AgentWentOffline, **offline)

    async def check_live(self, named: Mapping[str, UUID]) -> None:
        """Of agents by where they stand in a body. Raises UnknownReference, ArchivedThere."""
        await Held(self.ctx, AGENT).check(named)

    async def _theirs(self, id: UUID) -> Agent:
        """The agent that the caller is, or any where he may change them."""
        agent, actor = await self.agents.editable(id), self.ctx.actor
        if agent.user_id != actor.user_id and not actor.may(["agents:write"]):
            raise NotThatAgent
        return agent

    def _go(self, agent: Agent, to: Presence, event: type[Event]) -> Written[AgentRead]:
        AGENT.check_transition(agent.presence, to)
        return self.agents.change(agent, event, presence=to)
