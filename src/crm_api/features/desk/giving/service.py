from typing import Any
from uuid import UUID

from crm_api.features.desk.loads.service import LoadService
from crm_api.features.desk.queues.service import QueueService
from crm_api.features.desk.routing.service import RoutingService
from crm_api.features.desk.terms.schemas import UNSOLVED
from crm_api.kit.context import Context
from crm_api.kit.criteria import Document

from . import rules
from .rules import Fields


class GivingService:
    """Where tickets wait, whom they are given to, and whose time they take."""

    def __init__(self, ctx: Context) -> None:
        self.routing, self.loads = RoutingService(ctx), LoadService(ctx)
        self.queues = QueueService(ctx)
        self.taken: set[UUID] = set()

    async def place(self, ticket: Fields, about: Document) -> dict[str, Any]:
        """Where a new ticket waits, and who is given it. Raises AgentFull."""
        if ticket["category"] not in UNSOLVED:
            return {}
        queue, skills = ticket["queue_id"], ticket["skills"]
        if queue is None:
            placed = await self.routing.place(about, ticket["business_unit_id"])
            queue, skills = placed.queue_id, list(dict.fromkeys([*skills, *placed.skills]))
        if user := ticket["assignee_id"]:
            await self.loads.pass_on(None, user, by_hand=True)
        elif queue:
            user = await self.routing.take_turn(queue, skills)
        return {"queue_id": queue, "skills": skills, "assignee_id": user}

    async def take_turn(self, ticket: Fields) -> UUID | None:
        """The user whose turn it is in the ticket's queue; it takes his time from then on."""
        if ticket["queue_id"] is None:
            return None
        user = await self.routing.take_turn(ticket["queue_id"], ticket["skills"])
        if user:
            self.taken.add(ticket["id"])
        return user

    async def pass_on(self, before: Fields, after: Fields) -> None:
        """Whose time a ticket takes by now; who has less to do may take more, and what nobody has
        any more is for all. Raises AgentFull."""
        was, now = rules.occupied(before), rules.occupied(after)
        if before["id"] in self.taken:
            self.taken.remove(before["id"])
            await self.loads.pass_on(was, None, by_hand=False)
        else:
            by_hand = after["assignee_id"] != before["assignee_id"]
            await self.loads.pass_on(was, now, by_hand=by_hand)
        if was and was != now:
            await self.queues.offer(was)
        if rules.waits(after) and not rules.waits(before):
            await self.queues.look_through([after["queue_id"]])
