from typing import Annotated

from pydantic import Field

from crm_api.features.desk.messages.schemas import TicketMessageId
from crm_api.features.desk.terms.schemas import LinkKind, Subject
from crm_api.features.desk.tickets.schemas import TicketId
from crm_api.kit.schema import Input

MOST_MESSAGES = 100


class TicketMerge(Input):
    into_id: Annotated[TicketId, Field(description="The ticket that goes on in its place.")]


class TicketSplitOff(Input):
    subject: Subject
    message_ids: Annotated[
        list[TicketMessageId],
        Field(
            min_length=1,
            max_length=MOST_MESSAGES,
            description="The messages that the new ticket is made of; each once.",
        ),
    ]


class TicketLinkTo(Input):
    to_id: Annotated[TicketId, Field(description="The other ticket.")]
    kind: Annotated[
        LinkKind, Field(description="What this ticket has to do with the other one.")
    ] = LinkKind.relates_to
