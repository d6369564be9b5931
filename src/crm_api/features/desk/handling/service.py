from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from crm_api.features.desk.terms.schemas import WAITING, TicketCategory
from crm_api.features.desk.ticket_statuses.service import TicketStatusService
from crm_api.features.desk.tickets.events import TicketAssigned
from crm_api.features.desk.tickets.service import Changed, Decided, Sent, TicketService
from crm_api.kit.context import Context
from crm_api.kit.undoing import undone_if_it_fails
from crm_api.platform.users.service import UserService

from . import rules
from .errors import GoesOnElsewhere
from .events import TicketSnoozed, TicketWoken, told
from .schemas import TicketAssign, TicketClose, TicketMove, TicketSnooze, TicketWait

NOTHING: Decided = ((), {})


class HandlingService:
    """Who takes tickets on, and how far they are."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.tickets = ctx, TicketService(ctx)
        self.statuses, self.users = TicketStatusService(ctx), UserService(ctx)

    async def assign(self, id: UUID, data: TicketAssign) -> Changed:
        return await self.tickets.place(id, partial(self._assigned, data.assignee_id))

    async def wait(self, id: UUID, data: TicketWait) -> Changed:
        return await self.tickets.place(id, partial(self._waiting, data))

    async def snooze(self, id: UUID, data: TicketSnooze) -> Changed:
        rules.check_ahead(data.until, self.ctx.now)
        return await self.tickets.place(id, partial(self._snoozed, data))

    async def resume(self, id: UUID, data: TicketMove) -> Changed:
        return await self._go(id, "resume", TicketCategory.open, data)

    async def resolve(self, id: UUID, data: TicketMove) -> Changed:
        return await self._go(id, "resolve", TicketCategory.resolved, data)

    async def close(self, id: UUID, data: TicketClose) -> Changed:
        return await self.tickets.place(id, partial(self._closed, data))

    async def reopen(self, id: UUID, data: TicketMove) -> Changed:
        """Raises TooLateToReopen."""
        return await self.tickets.place(id, partial(self._reopened, data))

    async def come(self, id: UUID) -> datetime | None:
        """What happens to a ticket by itself by now; when the next does."""
        snoozed: list[datetime] = []

        async def decide(ticket: Sent) -> Decided:
            if rules.is_to_wake(ticket, self.ctx.now):
                _, values = await self.moved(ticket, TicketCategory.open)
                return [TicketWoken], values
            snoozed.extend(until for until in [ticket["snoozed_until"]] if until)
            return NOTHING

        await self.tickets.bring([id], decide, anew=True)
        looks = self.tickets.consequences.looks.get(id)
        return min([*snoozed, *([looks] if looks else [])], default=None)

    async def moved(
        self, ticket: Sent, to: TicketCategory, status: UUID | None = None, by: str = ""
    ) -> Decided:
        """What becomes of a ticket that comes to be in a category, and what is told of it.

        Raises InvalidTransition, and what `TicketStatusService.choose` raises.
        """
        values = rules.moved(ticket, to, self.ctx.now, by)
        if status or ticket["category"] != to:
            values["status_id"] = await self.statuses.choose(status, to)
        return [told(ticket, to)], values

    async def carried(self, ticket: Sent, to: TicketCategory) -> Decided:
        """As `moved`, where it is not there already; within the days in which it may be."""
        if ticket["category"] == to:
            return NOTHING
        rules.check_reopenable(ticket, self.ctx.tenant.reopen_days, self.ctx.now)
        return await self.moved(ticket, to)

    async def elsewhere(self, deed: Callable[[], Awaitable[object]]) -> UUID | None:
        """Where a deed is to be done instead, as the ticket was merged meanwhile. Nobody waits for
        a ticket while he holds one that is merged into it: merging locks them by their ids."""
        try:
            await undone_if_it_fails(self.ctx, deed)
        except GoesOnElsewhere as gone:
            return gone.into
        return None

    async def _go(self, id: UUID, verb: str, to: TicketCategory, data: TicketMove) -> Changed:
        async def decide(ticket: Sent) -> Decided:
            return await self.moved(ticket, to, _status(data), verb)

        return await self.tickets.place(id, decide)

    async def _awaited(self, data: TicketWait | TicketSnooze) -> TicketCategory:
        """What is said, else what the status says that is."""
        said, status = data.awaited.category, _status(data)
        if status is None or "awaited" in data.model_fields_set:
            return said
        category = await self.statuses.category_of(status)
        return category if category in WAITING else said

    async def _assigned(self, user: UUID | None, ticket: Sent) -> Decided:
        rules.check_not_closed(ticket)
        if user and user != ticket["assignee_id"]:
            await self.users.check_named({"/assignee_id": user})
        return [TicketAssigned], {"assignee_id": user}

    async def _waiting(self, data: TicketWait, ticket: Sent) -> Decided:
        return await self.moved(ticket, await self._awaited(data), _status(data), "wait")

    async def _snoozed(self, data: TicketSnooze, ticket: Sent) -> Decided:
        to = await self._awaited(data)
        _, values = await self.moved(ticket, to, _status(data), "snooze")
        return [TicketSnoozed], {**values, "snoozed_until": data.until}

    async def _closed(self, data: TicketClose, ticket: Sent) -> Decided:
        happened, values = await self.moved(ticket, TicketCategory.closed, _status(data), "close")
        return happened, {**values, "close_reason": data.reason}

    async def _reopened(self, data: TicketMove, ticket: Sent) -> Decided:
        to, days = TicketCategory.open, self.ctx.tenant.reopen_days
        decided = await self.moved(ticket, to, _status(data), "reopen")
        rules.check_reopenable(ticket, days, self.ctx.now)
        return decided


def _status(data: TicketMove) -> UUID | None:
    return data.changes().get("status_id")
