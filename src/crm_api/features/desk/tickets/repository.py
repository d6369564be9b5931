from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.context import Context
from crm_api.kit.events import Event
from crm_api.kit.linked import Held, Linked
from crm_api.kit.projection import Written
from crm_api.kit.words import say
from crm_api.platform.custom_fields.repository import NOTHING, CustomValueRepository
from crm_api.platform.external_ids.repository import KnownElsewhere

from .errors import UnfitTicket
from .events import TicketCreated
from .models import Ticket, TicketTag
from .resource import TICKET
from .rules import Fields, customers_in, orders_in
from .schemas import TicketRead

Columns = Mapping[str, Any]
Events = Sequence[type[Event]]
PERSON = "person"


class TicketRepository(KnownElsewhere[Ticket, TicketRead]):
    model = Ticket
    noun = TICKET
    read = TicketRead

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.values = CustomValueRepository(ctx, TICKET.word)
        self.customers, self.linked = Held(ctx, CUSTOMER, "kind"), Linked(ctx)

    async def check_named(self, before: Fields, sent: Fields) -> None:
        """Raises UnknownReference, ArchivedThere, UnfitTicket."""
        named = customers_in(before, sent)
        await self.customers.check(named)
        contact = named.get("/contact_id")
        if contact and self.customers.rows[contact].kind != PERSON:
            raise UnfitTicket("/contact_id", "no_person", say("Send a customer of kind person."))
        await self.linked.check_named(orders_in(before, sent))

    def add_new(self, **values: Any) -> Written[TicketRead]:
        """Its `id` is given."""
        self._follow(values["id"], {}, values)
        return self.add(TicketCreated, **values)

    def rewrite(self, row: Ticket, event: type[Event], **values: Any) -> Written[TicketRead]:
        self._follow(row.id, vars(row), vars(row) | values)
        return super().rewrite(row, event, **values)

    def _follow(self, id: UUID, before: Columns, after: Columns) -> None:
        """The rows by which a ticket is found follow its columns."""
        self.rename(id, before, after)
        self.values.move(id, _held(before), _held(after))
        gone, come = ({*row.get("tags", ())} for row in (before, after))
        for tag in sorted(gone - come):
            self.unlink(TicketTag, tag=tag, ticket_id=id)
        for tag in sorted(come - gone):
            self.link(TicketTag, tag=tag, ticket_id=id)


def _held(row: Columns) -> tuple[Columns, bool]:
    return (row["custom"], True) if "custom" in row else NOTHING
