import json
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.customers.service import CustomerService
from crm_api.features.desk.queues.schemas import Strategy
from crm_api.features.desk.queues.service import QueueService
from crm_api.features.desk.routing_rules.schemas import Placed
from crm_api.features.desk.routing_rules.service import RoutingRuleService
from crm_api.features.desk.terms.schemas import TicketCategory
from crm_api.kit.context import Context
from crm_api.kit.criteria import Document
from crm_api.kit.errors import UnknownReference
from crm_api.kit.looking import seen_of
from crm_api.platform.business_units.resource import BUSINESS_UNIT
from crm_api.platform.business_units.service import BusinessUnitService

from . import rules
from .repository import RoutingRepository
from .rules import Member
from .schemas import AgentTried, RoutingTrial, RoutingTried


class RoutingService:
    """To which queue a ticket goes, and to whom in it: whoever is given one has one more then."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.routing, self.rules = RoutingRepository(ctx), RoutingRuleService(ctx)

    async def place(self, ticket: Document, unit: UUID | None) -> Placed:
        """The document has the requester beside it, as `requester`."""
        return await self.rules.place(ticket, unit)

    async def take(self, queue: UUID, skills: Collection[str] = ()) -> UUID | None:
        """The agent who is given a ticket of a queue, by its strategy; null where nobody can take
        it, and where it is given by hand. Tickets of a queue are given one after the other."""
        way = await self.routing.alone_with(queue)
        if way in (None, Strategy.manual):
            return None
        return await self.routing.take(queue, way, skills)

    async def able(self, queue: UUID, wanted: Sequence[Collection[str]]) -> int | None:
        """Of tickets that want these skills, the number of the first that somebody could be given
        just now; null for none, and where they are given by hand."""
        strategy = (await QueueService(self.ctx).get(queue)).value.strategy
        if strategy == Strategy.manual:
            return None
        members = await self._members(queue, strategy)
        able = (n for n, skills in enumerate(wanted) if rules.next_of(members, skills))
        return next(able, None)

    async def take_turn(self, queue: UUID, skills: Collection[str] = ()) -> UUID | None:
        """As `take`, but the user who the agent is."""
        agent = await self.take(queue, skills)
        return await self.routing.user_of(agent) if agent else None

    async def tried(self, asked: RoutingTrial) -> RoutingTried:
        """Nobody is given anything. Raises UnknownReference."""
        unit = asked.business_unit_id or self.ctx.actor.reach.home
        await self._check_named(asked)
        placed = await self.place(await self._sketched(asked, unit), unit)
        return await self._told(placed)

    async def _check_named(self, asked: RoutingTrial) -> None:
        if unit := asked.business_unit_id:
            await BusinessUnitService(self.ctx).check_known({"/business_unit_id": unit})
        who = asked.requester_id
        if who and not await seen_of(self.ctx, CUSTOMER.model, [who]):
            raise UnknownReference("/requester_id")

    async def _sketched(self, asked: RoutingTrial, unit: UUID | None) -> Document:
        who = asked.requester_id
        requester = (await CustomerService(self.ctx).get(who)).body if who else "null"
        told = asked.model_dump(mode="json")
        return Sketch(
            **told["ticket"],
            requester_id=told["requester_id"],
            business_unit_id=BUSINESS_UNIT.prefix.write(unit) if unit else None,
            category=TicketCategory.open.value,
            is_breached=False,
            reopened_count=0,
            requester=json.loads(requester),
            custom={},
            external_ids={},
        )

    async def _told(self, placed: Placed) -> RoutingTried:
        queue = placed.queue_id
        way = (await QueueService(self.ctx).get(queue)).value.strategy if queue else None
        members = await self._members(queue, way)
        by_hand = way in (None, Strategy.manual)
        return RoutingTried(
            object="routing_tried",
            rule_id=placed.rule_id,
            queue_id=queue,
            strategy=way,
            skills=list(placed.skills),
            agent_id=None if by_hand else rules.next_of(members, placed.skills),
            agents=[_tried(member, placed.skills) for member in members],
        )

    async def _members(self, queue: UUID | None, way: str | None) -> list[Member]:
        if queue is None:
            return []
        turns = Strategy.round_robin if way == Strategy.manual else Strategy(way or "")
        return await self.routing.members(queue, turns)


class Sketch(dict[str, Any]):
    """The document of a ticket that is not there: what nobody has said of it is null."""

    def __missing__(self, name: str) -> None:
        return None


def _tried(member: Member, skills: Collection[str]) -> AgentTried:
    found = rules.hindrances(member, skills)
    return AgentTried(
        agent_id=member.agent_id,
        presence=member.presence,
        load=member.load,
        capacity=member.capacity,
        can_take=not found,
        hindrances=[one.value for one in found],
    )
