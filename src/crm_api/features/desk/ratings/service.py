from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from crm_api.features.desk.handling.schemas import is_reopenable
from crm_api.features.desk.handling.service import NOTHING, HandlingService
from crm_api.features.desk.rating_policies.schemas import Consequence, RatingKind
from crm_api.features.desk.rating_policies.service import RatingPolicyService
from crm_api.features.desk.terms.schemas import TicketCategory
from crm_api.features.desk.tickets.service import Decided, Sent
from crm_api.kit.context import Context
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written

from . import rules
from .events import (
    RatingAnswered,
    RatingDetractor,
    RatingExpired,
    RatingLinkMade,
    RatingRequested,
    RatingSuppressed,
)
from .models import Answer, Rating, RatingState, Unasked
from .repository import TIMER as TIMER
from .repository import RatingRepository
from .rules import Said
from .schemas import RatingQuery, RatingRead, TicketRating

Asked = Written[RatingRead]


class RatingService:
    """How satisfied customers are with what was done for them."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.ratings = ctx, RatingRepository(ctx)
        self.policies, self.handling = RatingPolicyService(ctx), HandlingService(ctx)

    async def list(self, query: RatingQuery) -> Listing:
        return await self.ratings.page(query)

    async def get(self, id: UUID) -> Document[RatingRead]:
        return await self.ratings.get(id)

    async def follow(self, ticket: UUID, *, closed: bool = False) -> None:
        """A ticket is resolved, or `closed` without that: its requester is going to be asked."""
        about = await self.ratings.ticket(ticket)
        if not rules.is_resolved(about) or (closed and about["resolved_at"]):
            return
        policy = await self.policies.of_unit(about["business_unit_id"])
        if policy and policy.enabled:
            self.ratings.queue(rules.queued(about, policy, self.ctx.now))

    async def come(self, id: UUID) -> datetime | None:
        """What becomes of a rating by itself by now; when more does."""
        for row in await self.ratings.load_any([id]):
            if row.state == RatingState.queued:
                return await self._ask(row)
            if row.state == RatingState.sent:
                return self._expire(row)
        return None

    async def link(self, id: UUID) -> Asked:
        """That somebody is given a link to it. Raises AnsweredAlready, RatingExpiredAlready,
        NotAsked."""
        row = await self.ratings.seen_one(id)
        rules.check_open(vars(row), self.ctx.now)
        return self.ratings.tell_of(RatingLinkMade, row)

    async def answer(self, id: UUID, ticket: UUID, said: Said) -> None:
        """By the customer, to a link. Raises AnsweredAlready, RatingExpiredAlready, OffTheScale."""

        async def decide(now: Sent) -> Decided:
            row = (await self.ratings.load_any([id]))[0]
            rules.check_open(vars(row), self.ctx.now)
            return await self._answered(row, now, said)

        await self.handling.tickets.bring([ticket], decide)

    async def rate(self, ticket: UUID, data: TicketRating) -> Asked:
        """By telephone. Raises NotResolved, AnsweredAlready, OffTheScale."""
        kind = data.changes().get("kind")
        said = Said(data.score, data.comment, Answer.phone, self.ctx.actor.user_id)
        await self.handling.tickets.place(ticket, partial(self._rated, said, kind), seen=False)
        return self.rated

    async def _ask(self, row: Rating) -> datetime | None:
        """Takes the customer's turn: he is asked once in the days of the policy, by whomever."""
        now = self.ctx.now
        if row.asks_at and row.asks_at > now:
            return row.asks_at
        ticket = await self.ratings.ticket(row.ticket_id)
        policy = await self.policies.known(row.policy_id)
        reason = rules.unasked(vars(row), ticket, policy)
        if reason is None and policy:
            turn = await self.ratings.take_turn(row.customer_id, policy.fatigue_days)
            reason = None if turn else Unasked.asked_lately
        if reason or policy is None:
            state = RatingState.suppressed
            self.ratings.bring_about(row, RatingSuppressed, state=state, reason=reason)
            return None
        self.ratings.bring_about(row, RatingRequested, **rules.sent(policy, now))
        return row.expires_at

    def _expire(self, row: Rating) -> datetime | None:
        if row.expires_at and row.expires_at > self.ctx.now:
            return row.expires_at
        self.ratings.bring_about(row, RatingExpired, state=RatingState.expired)
        return None

    async def _rated(self, said: Said, kind: RatingKind | None, ticket: Sent) -> Decided:
        row = await self.ratings.of_resolution(ticket["id"], ticket["reopened_count"] + 1)
        rules.check_rated(ticket, vars(row) if row else None)
        if row:
            return await self._answered(row, ticket, said)
        policy = await self.policies.of_unit(ticket["business_unit_id"])
        fallback = policy.kind if policy else RatingKind.csat
        about = {"id": self.ctx.new_id(), **rules.about(ticket, policy, kind or fallback)}
        return await self._answered(about, ticket, said)

    async def _answered(
        self, rating: Rating | Mapping[str, Any], ticket: Sent, said: Said
    ) -> Decided:
        """The rating, and what becomes of the ticket."""
        row = vars(rating) if isinstance(rating, Rating) else rating
        after = rules.consequence(row, said, await self.policies.known(row["policy_id"]))
        values = rules.answered(row, said, self.ctx.now, after)
        if isinstance(rating, Rating):
            self.rated = self.ratings.bring_about(rating, RatingAnswered, **values)
        else:
            self.rated = self.ratings.add(RatingAnswered, **row, **values)
        if after != Consequence.nothing:
            self.ratings.tell_also(RatingDetractor, self.rated.id, self.rated.version)
        return await self._reopened(ticket) if after == Consequence.reopen else NOTHING

    async def _reopened(self, ticket: Sent) -> Decided:
        """As long as it may be."""
        days, now = self.ctx.tenant.reopen_days, self.ctx.now
        may = ticket["category"] == TicketCategory.resolved and is_reopenable(ticket, days, now)
        return await self.handling.moved(ticket, TicketCategory.open) if may else NOTHING
