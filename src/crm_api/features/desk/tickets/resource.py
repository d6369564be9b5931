from crm_api.features.desk.terms.schemas import TicketCategory
from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents
from crm_api.platform.users.belongings import Belongings, Sole, belongings

from .models import Ticket

TICKETS = table_of(Ticket)
WAITING = (TicketCategory.waiting_customer, TicketCategory.waiting_third_party)
UNSOLVED = (TicketCategory.open, *WAITING)
TICKET = Resource(
    noun="ticket",
    prefix=Prefix("tic"),
    model=Ticket,
    merges={"tickets.requester_id": "repoint", "tickets.contact_id": "repoint"},
    custom=True,
)
residents[TICKET.word] = TICKETS.c.business_unit_id
belongings[TICKET.word] = Belongings(
    TICKET,
    roles=(Sole("assignee", TICKETS.c.assignee_id),),
    state=TICKETS.c.category,
    live=(*UNSOLVED, TicketCategory.resolved),
)
