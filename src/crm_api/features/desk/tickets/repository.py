from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.desk.queues.resource import QUEUE
from crm_api.kit.context import Context
from crm_api.kit.db import Base
from crm_api.kit.events import Event
from crm_api.kit.ids import rising
from crm_api.kit.linked import Held, Linked
from crm_api.kit.projection import Written
from crm_api.kit.recording import record
from crm_api.kit.words import say
from crm_api.platform.custom_fields.repository import NOTHING, CustomValueRepository
from crm_api.platform.external_ids.repository import KnownElsewhere
from crm_api.platform.users.resource import USER

from .errors import UnfitTicket
from .events import TicketCreated
from .models import Ticket, TicketCopy, TicketFollower, TicketMove, TicketTag
from .resource import TICKET
from .rules import Fields, customers_in, newly, records_in
from .schemas import TicketRead

Columns = Mapping[str, Any]
Events = Sequence[type[Event]]
PERSON = "person"
HEIR = text(
    "WITH RECURSIVE line AS ("
    "SELECT id, merged_into_id, category, 0 AS step FROM tickets "
    "WHERE tenant_id = :tenant AND id = :ticket "
    "UNION ALL SELECT next.id, next.merged_into_id, next.category, line.step + 1 FROM line "
    "JOIN tickets next ON next.tenant_id = :tenant "
    "AND next.id = coalesce(line.merged_into_id, (SELECT after.id FROM tickets after "
    "WHERE after.tenant_id = :tenant AND after.follows_id = line.id "
    "ORDER BY after.created_at DESC, after.id DESC LIMIT 1)) "
    "WHERE line.category IN ('resolved', 'closed') AND line.step < 100) "
    "SELECT id FROM line ORDER BY step DESC LIMIT 1"
)
FOUND_BY: Mapping[str, tuple[type[Base], str, Callable[[str], Any]]] = {
    "tags": (TicketTag, "tag", str),
    "follower_ids": (TicketFollower, "user_id", USER.prefix.read),
    "cc_ids": (TicketCopy, "customer_id", CUSTOMER.prefix.read),
}
"""The tables that find tickets by what their columns list."""


class TicketRepository(KnownElsewhere[Ticket, TicketRead]):
    model = Ticket
    noun = TICKET
    read = TicketRead

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.values = CustomValueRepository(ctx, TICKET.word)
        self.customers, self.linked = Held(ctx, CUSTOMER, "kind"), Linked(ctx)
        self.queues = Held(ctx, QUEUE)

    async def check_named(self, before: Fields, sent: Fields) -> None:
        """Raises UnknownReference, ArchivedThere, UnfitTicket."""
        named = customers_in(before, sent)
        await self.customers.check(named)
        contact = named.get("/contact_id")
        if contact and self.customers.rows[contact].kind != PERSON:
            raise UnfitTicket("/contact_id", "no_person", say("Send a customer of kind person."))
        await self.linked.check_named(records_in(before, sent))
        await self.queues.check(newly("queue_id", before, sent))

    async def look_up(self, sent: Sequence[Columns]) -> None:
        """At once, what many tickets are going to name; anew, as locks may have been given up."""
        self.customers, self.linked = Held(self.ctx, CUSTOMER, "kind"), Linked(self.ctx)
        await self.customers.look_up(id for one in sent for id in customers_in({}, one).values())
        await self.linked.look_up(id for one in sent for id in records_in({}, one).values())

    async def heir(self, id: UUID) -> UUID:
        """The last of the tickets that go on in place of one another, from this one on."""
        heir: UUID = (await self.ctx.work.rows(HEIR, {"ticket": id}))[0].id
        return heir

    def add_new(self, told: Events, **values: Any) -> Written[TicketRead]:
        """Its `id` is given; `told` is what has happened to it already."""
        self._follow(values["id"], {}, values)
        written = self.add(TicketCreated, **values)
        self._tell(written, told)
        return written

    def rewrite(self, row: Ticket, event: type[Event], **values: Any) -> Written[TicketRead]:
        self._follow(row.id, vars(row), vars(row) | values)
        return super().rewrite(row, event, **values)

    def take_on(self, row: Ticket, events: Events, values: Columns) -> Written[TicketRead]:
        """What has happened to a ticket in one change: each of it is told."""
        written = self.rewrite(row, events[0], **values)
        if written.outcome == "updated":
            self._tell(written, events[1:])
        return written

    def _tell(self, written: Written[TicketRead], events: Events) -> None:
        for event in events:
            record(self.ctx, TicketRead, event, written.id, written.version)

    def _follow(self, id: UUID, before: Columns, after: Columns) -> None:
        """The rows by which a ticket is found follow its columns."""
        self.rename(id, before, after)
        self.values.move(id, _held(before), _held(after))
        if before.get("category") != (to := after["category"]):
            self.link(TicketMove, id=rising(), ticket_id=id, category=to, at=self.ctx.now)
        for name, (table, column, read) in FOUND_BY.items():
            gone, come = (set(map(read, row.get(name, ()))) for row in (before, after))
            for value in sorted(gone - come):
                self.unlink(table, **{column: value, "ticket_id": id})
            for value in sorted(come - gone):
                self.link(table, **{column: value, "ticket_id": id})


def _held(row: Columns) -> tuple[Columns, bool]:
    return (row["custom"], True) if "custom" in row else NOTHING
