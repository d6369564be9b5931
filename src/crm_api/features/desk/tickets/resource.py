from crm_api.features.desk.terms.schemas import HANDLED, UNSOLVED, TicketCategory
from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.overviews import Shown, shown
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents
from crm_api.platform.users.belongings import Belongings, Shared, Sole, belongings

from .models import Ticket, TicketFollower

TICKETS = table_of(Ticket)
TICKET = Resource(
    noun="ticket",
    prefix=Prefix("tic"),
    model=Ticket,
    machines={"category": HANDLED},
    merges={
        "tickets.requester_id": "repoint",
        "tickets.contact_id": "repoint",
        "ticket_copies.customer_id": "unite",
    },
    custom=True,
)
residents[TICKET.word] = TICKETS.c.business_unit_id
belongings[TICKET.word] = Belongings(
    TICKET,
    roles=(
        Sole("assignee", TICKETS.c.assignee_id),
        Shared(
            "follower",
            TICKETS.c.follower_ids,
            table_of(TicketFollower).c.ticket_id,
            passes=False,
        ),
    ),
    state=TICKETS.c.category,
    live=(*UNSOLVED, TicketCategory.resolved),
)
shown["open_tickets"] = Shown(
    TICKET, by="requester_id", where={"category": UNSOLVED}, sort=("-created_at",), most=5
)
