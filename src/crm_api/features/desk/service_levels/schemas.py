from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from crm_api.features.desk.terms.schemas import CLOCK
from crm_api.features.desk.tickets.resource import TICKET
from crm_api.features.desk.tickets.schemas import TicketId
from crm_api.kit.schema import Input, Read
from crm_api.kit.times import Timestamp


class TicketClocks(Read):
    """The clocks of a ticket, as they are kept with it."""

    table = TICKET.model

    id: TicketId
    clocks: dict[str, Any]


class SlaSimulation(Input):
    """Which past tickets to hold against a policy: the newest that came within a time."""

    starts_at: Annotated[
        Timestamp | None, Field(description="Tickets that came from then on; left out, all.")
    ] = None
    ends_at: Annotated[
        Timestamp | None, Field(description="Tickets that came before; left out, until now.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=1_000, description="At most so many.")] = 200


class SimulatedClocks(BaseModel):
    """How one kind of clock would have ended, and how it did."""

    clock: Annotated[str, CLOCK]
    met: Annotated[int, Field(description="In time, under this policy.", examples=[180])]
    breached: Annotated[int, Field(description="Too late, or not yet and too late.", examples=[9])]
    running: Annotated[int, Field(description="Still in time, and not met.", examples=[11])]
    breached_before: Annotated[
        int, Field(description="Too late as the tickets really ran.", examples=[14])
    ]


class SlaSimulated(BaseModel):
    """What a policy would have made of past tickets, had it been theirs all along."""

    object: Literal["sla_simulated"]
    tickets: Annotated[int, Field(description="Tickets of that time.", examples=[240])]
    fitting: Annotated[int, Field(description="Of them those that it is for.", examples=[200])]
    clocks: list[SimulatedClocks]
    breached_ids: Annotated[
        list[TicketId], Field(description="Some that would be too late, 50 at most.")
    ]
