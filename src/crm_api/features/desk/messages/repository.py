from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, select, text

from crm_api.kit.alone import alone
from crm_api.kit.db import table_of
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT

from .events import TicketMessageMoved, told
from .models import TicketMessage
from .resource import TICKET_MESSAGE
from .rules import check_there, leaves, of_ticket, queued
from .schemas import TicketMessageRead

Fields = Mapping[str, Any]
Make = Callable[[Sequence[Fields]], Awaitable[Fields]]
MESSAGES = table_of(TicketMessage)
LEAVES = text(
    "SELECT id FROM channels WHERE tenant_id = :tenant AND id = :channel AND state = 'live' "
    "AND (smtp IS NOT NULL OR outbound_url IS NOT NULL)"
)
KNOWN = select(MESSAGES.c.id).where(
    MESSAGES.c.tenant_id == TENANT,
    MESSAGES.c.external_id == bindparam("external", type_=Text()),
    MESSAGES.c.channel == bindparam("channel", type_=Text()),
    MESSAGES.c.channel_id.is_not_distinct_from(bindparam("by", type_=Uuid())),
)


class MessageRepository(Repository[TicketMessage, TicketMessageRead]):
    model = TicketMessage
    noun = TICKET_MESSAGE
    read = TicketMessageRead

    async def known(self, message: Fields) -> UUID | None:
        """The one that has come already with this id of its channel; whoever brings the same waits
        until this work has ended."""
        if not message["external_id"]:
            return None
        named = [message[name] for name in ("external_id", "channel", "channel_id")]
        await alone(self.ctx, MESSAGES.name, *named)
        asked = dict(zip(("external", "channel", "by"), named, strict=True))
        found = await self.ctx.work.rows(KNOWN, asked)
        return found[0].id if found else None

    async def write_down(self, ticket: Mapping[str, Any], made: Mapping[str, Any]) -> None:
        """What a channel can take to the customer is on its way from now on."""
        message = of_ticket(ticket, made)
        if leaves(message) and await self._has_way_out(message["channel_id"]):
            message = queued(message)
        self.add(told(message), **message)

    async def _has_way_out(self, channel: UUID) -> bool:
        return bool(await self.ctx.work.rows(LEAVES, {"channel": channel}))

    async def take_out(self, ids: Collection[UUID], of: Collection[UUID], make: Make) -> Fields:
        """Messages of some tickets, to the one that is made of them. Raises UnknownReference."""
        rows = [row for row in await self.load_all(list(ids)) if row.ticket_id in of]
        check_there(ids, {row.id for row in rows})
        made = await make([vars(row) for row in rows])
        for row in rows:
            self.change(row, TicketMessageMoved, ticket_id=made["id"])
        return made
