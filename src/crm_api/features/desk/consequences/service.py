from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.features.desk.clock_facts.schemas import Fact
from crm_api.features.desk.clocks.service import ClockService, Followed, Watched
from crm_api.features.desk.fitting.service import FittingService
from crm_api.features.desk.giving.events import TicketRouted
from crm_api.features.desk.giving.service import GivingService
from crm_api.kit import timers
from crm_api.kit.context import Context
from crm_api.kit.criteria import Document
from crm_api.kit.events import Event

from . import rules
from .events import told
from .rules import Fields

TIMER = "tickets"
Told = Sequence[type[Event]]
Decided = tuple[Told, dict[str, Any]]


class ConsequenceService:
    """What follows from what becomes of a ticket: where it waits, who is given it, when it is due.

    Whoever calls holds the ticket's row, and writes with it what is answered. `document` makes of
    a ticket's columns what a GET shows; `looks` are when something becomes of them by themselves.
    """

    def __init__(self, ctx: Context, document: Callable[[Fields], Document]) -> None:
        self.ctx, self.document = ctx, document
        self.clocks, self.giving = ClockService(ctx), GivingService(ctx)
        self.fitting = FittingService(ctx)
        self.looks: dict[UUID, datetime | None] = {}

    async def look_up(self, requesters: Iterable[UUID]) -> None:
        """At once, who asks in tickets that are going to be made."""
        await self.fitting.look_up(requesters)

    async def of_new(self, ticket: Fields) -> Decided:
        """What a new ticket has beside what is said of it. Raises AgentFull."""
        about = await self._about(ticket)
        placed = await self.giving.place(ticket, about)
        policy = await self.clocks.policy_for(about, ticket["business_unit_id"])
        watched = Watched(ticket["id"], ticket["priority"], policy, {})
        followed = await self.clocks.begin(watched, ticket["category"])
        await self.look_again(ticket["id"], followed.look_at)
        given = placed.get("assignee_id") != ticket["assignee_id"]
        return [TicketRouted] * given, {
            **placed,
            "sla_policy_id": policy,
            **self._kept(ticket["id"], followed),
        }

    async def of_change(
        self, before: Fields, happened: Told, sent: Fields, *, anew: bool = False
    ) -> Decided:
        """All that is told of a change, and written; `anew` for whoever comes with the ticket's
        timer: by what policies say now, and he sets it again himself. Raises AgentFull."""
        after = {**before, **sent}
        policy, followed = await self._followed(before, after, anew)
        values = {**sent, "sla_policy_id": policy, **self._kept(before["id"], followed)}
        facts, raised = await self._raised({**after, **values}, followed.facts)
        values |= raised
        given, passed = await self._called_for(before, {**after, **values}, facts)
        values = {name: v for name, v in {**values, **passed}.items() if v != before[name]}
        if "clocks" in values and not anew:
            await self.look_again(before["id"], self.looks[before["id"]])
        return [*happened, *told(facts), *given], values

    async def look_again(self, ticket: UUID, at: datetime | None) -> None:
        """A ticket has one timer, of its own id; who comes then looks what there is to do."""
        if at:
            await timers.hasten(self.ctx, TIMER, ticket, self.ctx.tenant.id, at)

    async def _about(self, ticket: Fields) -> Document:
        return await self.fitting.beside(self.document(ticket), ticket["requester_id"])

    async def _followed(
        self, before: Fields, after: Fields, anew: bool
    ) -> tuple[UUID | None, Followed]:
        policy, deeds = before["sla_policy_id"], rules.deeds(before, after)
        if rules.is_judged_anew(before, after):
            policy = await self.clocks.policy_for(
                await self._about(after), after["business_unit_id"]
            )
        same = policy == before["sla_policy_id"] and after["priority"] == before["priority"]
        if same and not deeds and not anew:
            return policy, self.clocks.pass_time(before["id"], before["clocks"])
        watched = Watched(before["id"], after["priority"], policy, before["clocks"])
        return policy, await self.clocks.follow(watched, *deeds)

    async def _raised(
        self, ticket: Fields, facts: Sequence[Fact]
    ) -> tuple[Sequence[Fact], dict[str, Any]]:
        """All that becomes of the clocks, as steps raise the priority: from then on they run under
        the terms of a higher one, by which more may be due already."""
        higher = rules.raised(ticket["priority"], rules.raises(facts))
        if higher == ticket["priority"]:
            return facts, {}
        watched = Watched(ticket["id"], higher, ticket["sla_policy_id"], ticket["clocks"])
        followed = await self.clocks.follow(watched)
        values = {"priority": higher, **self._kept(ticket["id"], followed)}
        more, further = await self._raised({**ticket, **values}, followed.facts)
        return [*facts, *more], {**values, **further}

    async def _called_for(self, before: Fields, after: Fields, facts: Sequence[Fact]) -> Decided:
        """What the steps that were reached call for, and whose time the ticket takes by then."""
        values: dict[str, Any] = {}
        if called := rules.called_for(facts):
            values["escalations"] = called
        user = await self.giving.take_turn(after) if rules.reassigns(facts) else None
        if user:
            values["assignee_id"] = user
        await self.giving.pass_on(before, {**after, **values})
        return [TicketRouted] if user else (), values

    def _kept(self, ticket: UUID, followed: Followed) -> dict[str, Any]:
        self.looks[ticket] = followed.look_at
        return {
            "clocks": followed.clocks,
            "due_at": followed.due_at,
            "is_breached": bool(followed.breached),
        }
