from typing import Annotated, Literal

from pydantic import MISSING, Field

from crm_api.features.desk.terms.schemas import CloseReason
from crm_api.features.desk.ticket_statuses.schemas import TicketStatusId
from crm_api.kit.schema import Input
from crm_api.kit.times import Timestamp
from crm_api.platform.users.schemas import UserId

from .rules import Awaited as Awaited
from .rules import check_not_closed as check_not_closed
from .rules import check_stands as check_stands
from .rules import is_reopenable as is_reopenable

For = Annotated[
    Awaited, Field(description="Whom it waits for; what `status_id` says, when that is sent alone.")
]


class TicketMove(Input):
    """How far a ticket is, in the words of the tenant."""

    status_id: (
        Annotated[
            TicketStatusId,
            Field(description="Of the category that it comes to; the default one, when not sent."),
        ]
        | MISSING
    ) = MISSING


class TicketWait(TicketMove):
    awaited: For = Awaited.customer


class TicketSnooze(TicketMove):
    until: Annotated[Timestamp, Field(description="When it is open again, by itself.")]
    awaited: For = Awaited.third_party


class TicketClose(TicketMove):
    reason: Annotated[
        Literal[CloseReason.resolved, CloseReason.spam],
        Field(description="Why nothing more is done about it."),
    ] = CloseReason.resolved


class TicketAssign(Input):
    assignee_id: Annotated[
        UserId | None, Field(description="Who takes it on; null for nobody any more.")
    ]
