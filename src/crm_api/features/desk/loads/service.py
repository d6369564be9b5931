from collections.abc import Collection
from uuid import UUID

from crm_api.features.desk.terms.schemas import UNSOLVED
from crm_api.kit.context import Context

from .errors import AgentFull
from .repository import LoadRepository


class LoadService:
    """How many open tickets agents have. Whoever gives a ticket to a user, or takes one away, says
    so in the same transaction: after the ticket's row, and after that of its queue."""

    def __init__(self, ctx: Context) -> None:
        self.loads = LoadRepository(ctx)

    async def pass_on(self, before: UUID | None, after: UUID | None, *, by_hand: bool) -> None:
        """An open ticket of one user is another's now, or nobody's: whoever of them is an agent has
        one less, or one more. Nobody gets `by_hand` more than he may have, raises AgentFull; what
        was his already, and is open again, comes back to him all the same."""
        if before == after:
            return
        agents = await self.loads.of_users([user for user in (before, after) if user])
        await self.loads.hold(agents.values())
        if after in agents:
            await self._give(agents[after], by_hand)
        if before in agents:
            await self.loads.release(agents[before])

    async def recount(self, users: Collection[UUID] | None) -> None:
        """Of these users, or of all, after tickets have come or gone in another way."""
        await self.loads.recount(users, UNSOLVED)

    async def _give(self, agent: UUID, by_hand: bool) -> None:
        if not by_hand:
            await self.loads.give_back(agent)
        elif not await self.loads.give(agent):
            raise AgentFull("/assignee_id")
