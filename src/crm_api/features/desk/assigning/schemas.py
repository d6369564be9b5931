from typing import Annotated

from pydantic import Field

from crm_api.features.desk.queues.schemas import QueueId
from crm_api.kit.schema import Input


class TicketRoute(Input):
    """Where a ticket is to wait for the next agent."""

    queue_id: Annotated[
        QueueId | None, Field(description="The queue; the one that it is in, when not sent.")
    ] = None
