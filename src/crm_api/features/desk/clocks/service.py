from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.features.desk.clock_facts.schemas import Fact, facts
from crm_api.features.desk.happenings.schemas import Clocks, Happening
from crm_api.features.desk.sla_policies.service import SlaPolicyService
from crm_api.features.desk.spans.schemas import AroundTheClock, Time
from crm_api.features.desk.terms.schemas import TicketCategory, TicketPriority
from crm_api.features.desk.ticking.schemas import Clock, Terms
from crm_api.kit.context import Context
from crm_api.kit.criteria import Document
from crm_api.kit.pages import Listing
from crm_api.platform.calendars.service import BusinessCalendarService

from . import rules
from .repository import SlaEventRepository
from .rules import Ruled
from .schemas import SlaClock, SlaEventQuery, SlaEventsOf, SlaRead, SlaTrial, kept, understood

Kept = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Watched:
    """What of a ticket its clocks depend on; `clocks` as they are kept with it."""

    id: UUID
    priority: TicketPriority
    policy_id: UUID | None
    clocks: Kept


@dataclass(frozen=True, slots=True)
class Past:
    """What happened to a ticket from its start on, in order, until its end or until now."""

    priority: TicketPriority
    start: datetime
    end: datetime
    deeds: Sequence[tuple[datetime, Happening]]


@dataclass(frozen=True, slots=True)
class Followed:
    """What to keep with a ticket, and what is to be told of it.

    `look_at` is when something becomes of the clocks by themselves: the ticket's timer.
    """

    clocks: dict[str, Any]
    due_at: datetime | None
    look_at: datetime | None
    breached: list[str]
    facts: list[Fact]


class ClockService:
    """The clocks of tickets: which policy they run under, when they are due, what becomes of them.

    Whoever calls holds the ticket's row, and keeps with it what is answered; what became of clocks
    is kept here.
    """

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.policies, self.events = SlaPolicyService(ctx), SlaEventRepository(ctx)
        self.calendars = BusinessCalendarService(ctx)
        self.hours: dict[UUID | None, Time] = {None: AroundTheClock()}

    async def policy_for(self, ticket: Document, unit: UUID | None) -> UUID | None:
        """The policy that a ticket is under, as it is now, with its requester beside it."""
        policy = await self.policies.fitting(ticket, unit)
        return policy.id if policy else None

    async def begin(self, ticket: Watched, category: TicketCategory) -> Followed:
        """Of a new ticket; its `clocks` are none yet."""
        now = self.ctx.now
        clocks = rules.begin(now, await self._ruled(ticket), category)
        return self._followed(ticket.id, (), clocks)

    async def follow(self, ticket: Watched, *deeds: Happening) -> Followed:
        """What deeds make of the clocks, in this order; without any, another priority or policy of
        the ticket, or what has changed of its policy or of that one's calendar."""
        before = understood(ticket.clocks)
        after = rules.follow(before, deeds, self.ctx.now, await self._ruled(ticket))
        return self._followed(ticket.id, before.all, after)

    def pass_time(self, ticket: UUID, clocks: Kept) -> Followed:
        """What has become of the clocks by themselves; nothing is asked for it."""
        before = understood(clocks)
        return self._followed(ticket, before.all, rules.pass_time(before, self.ctx.now))

    async def explain(self, clocks: Kept) -> SlaRead:
        """Why the clocks of a ticket are due when they are."""
        now = self.ctx.now
        return await self._explained(rules.pass_time(understood(clocks), now).all, now)

    async def try_policy(self, id: UUID, asked: SlaTrial) -> SlaRead:
        """When a ticket would be due that came at a time. Raises NotFound."""
        policy = (await self.policies.get(id)).value
        known = await self.policies.known(policy.id)
        at, terms = (
            asked.started_at or self.ctx.now,
            known.terms(asked.priority) if known else Terms(),
        )
        ruled = Ruled(terms, await self._time(terms.calendar_id))
        return await self._explained(rules.each_kind(at, ruled), at)

    async def simulate(self, policy: UUID, past: Iterable[Past]) -> list[Clocks]:
        """What the clocks of past tickets would have been under a policy all along. Raises
        NotFound."""
        known = await self.policies.known((await self.policies.get(policy)).value.id)
        of = {p: known.terms(p) if known else Terms() for p in TicketPriority}
        timed = {p: Ruled(terms, await self._time(terms.calendar_id)) for p, terms in of.items()}
        return [rules.simulate(one.deeds, one.start, one.end, timed[one.priority]) for one in past]

    async def _explained(self, clocks: Iterable[Clock], at: datetime) -> SlaRead:
        timed = [clock for clock in clocks if clock.target is not None]
        told = [SlaClock.of(clock, at, await self._time(clock.calendar_id)) for clock in timed]
        return SlaRead(object="ticket_sla", as_of=at, clocks=told)

    async def history(self, ticket: UUID, query: SlaEventQuery) -> Listing:
        """What became of the clocks of a ticket that the caller sees."""
        return await self.events.page(SlaEventsOf(ticket_id=ticket, **query.model_dump()))

    async def _ruled(self, ticket: Watched) -> Ruled:
        policy = await self.policies.known(ticket.policy_id) if ticket.policy_id else None
        terms = policy.terms(ticket.priority) if policy else Terms()
        return Ruled(terms, await self._time(terms.calendar_id))

    async def _time(self, calendar: UUID | None) -> Time:
        if calendar not in self.hours and calendar is not None:
            self.hours[calendar] = await self.calendars.hours(calendar)
        return self.hours[calendar]

    def _followed(self, ticket: UUID, before: Iterable[Clock], after: Clocks) -> Followed:
        known = list(before)
        told = facts(known, after.all, max([self.ctx.now, *(clock.latest() for clock in known)]))
        self.events.keep(ticket, told)
        breached = sorted(clock.kind.value for clock in after.all if clock.breached_at)
        look_at, due_at = rules.next_moment(after), rules.due_at(after)
        return Followed(kept(after), due_at, look_at, breached, told)
