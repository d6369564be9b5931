"""What may be asked of tickets."""

import operator
from typing import Annotated, Literal

from pydantic import Field

from crm_api.features.customers.schemas import CustomerId
from crm_api.features.desk.queues.schemas import QueueId
from crm_api.features.desk.terms.schemas import (
    TicketCategory,
    TicketNumber,
    TicketPriority,
    TicketType,
)
from crm_api.features.desk.ticket_statuses.schemas import TicketStatusId
from crm_api.features.trade.orders.schemas import OrderId
from crm_api.kit.figures import Aggregate
from crm_api.kit.filtering import CustomSort, Search
from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import EXPAND, ListQuery
from crm_api.kit.schema import Input, Line
from crm_api.kit.searches import searches
from crm_api.kit.times import Timestamp
from crm_api.platform.audit.schemas import AsOf
from crm_api.platform.business_units.criteria import Under
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId
from crm_api.platform.users.schemas import UserId

from .models import COPIED, FOLLOWING, TAGGED
from .models import OfTicketOrMerged as OfTicketOrMerged
from .schemas import TicketId, TicketRead

Expansion = Literal[
    "requester", "requester.parent", "status", "assignee", "order", "recent_orders", "open_tickets"
]
Expand = Annotated[list[Expansion], EXPAND]
Sort = Literal["created_at", "-created_at", "updated_at", "-updated_at", "due_at", "-due_at"]
FIRST = "First key first; `-` descends. What has no time to be done by is due last."


class TicketShown(Input):
    expand: Expand = []


class TicketThen(TicketShown, AsOf):
    """Now with others beside it, or alone as it was."""


class TicketPage(Page[TicketRead]):
    """One page of tickets."""


class _TicketQuery(ListQuery):
    sorts = {"due_at": "due_order"}

    expand: Expand = []


class TicketQuery(_TicketQuery):
    sort: Annotated[list[Sort], Field(min_length=1, max_length=3, description=FIRST)] = [
        "-created_at"
    ]
    number: Annotated[list[TicketNumber], Where("number"), Field(max_length=50)] = []
    requester_id: Annotated[list[CustomerId], Where("requester_id"), Field(max_length=50)] = []
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    under: Annotated[
        list[UnderId],
        Under("business_unit_id"),
        Field(max_length=50, description="Of one of these units, or of one below it."),
    ] = []
    category: Annotated[list[TicketCategory], OneOf("category"), Field(max_length=10)] = []
    status_id: Annotated[list[TicketStatusId], Where("status_id"), Field(max_length=50)] = []
    priority: Annotated[list[TicketPriority], OneOf("priority"), Field(max_length=10)] = []
    type: Annotated[list[TicketType], OneOf("type"), Field(max_length=10)] = []
    assignee_id: Annotated[list[UserId], Where("assignee_id"), Field(max_length=50)] = []
    follower_id: Annotated[list[UserId], FOLLOWING, Field(max_length=50)] = []
    cc_id: Annotated[list[CustomerId], COPIED, Field(max_length=50)] = []
    queue_id: Annotated[list[QueueId], Where("queue_id"), Field(max_length=50)] = []
    order_id: Annotated[list[OrderId], Where("order_id"), Field(max_length=50)] = []
    follows_id: Annotated[list[TicketId], Where("follows_id"), Field(max_length=50)] = []
    tag: Annotated[
        list[Annotated[Line, Field(max_length=60)]],
        TAGGED,
        Field(max_length=50, description="With one of these tags."),
    ] = []
    created_at__gte: Annotated[Timestamp | None, Where("created_at", operator.ge)] = None
    created_at__lt: Annotated[Timestamp | None, Where("created_at", operator.lt)] = None
    updated_at__gte: Annotated[Timestamp | None, Where("updated_at", operator.ge)] = None
    updated_at__gt: Annotated[Timestamp | None, Where("updated_at", operator.gt)] = None
    updated_at__lt: Annotated[Timestamp | None, Where("updated_at", operator.lt)] = None


class TicketSearch(Search, _TicketQuery):
    """A filter, in place of the parameters that the list has for single fields."""

    sort: Annotated[
        list[Sort | CustomSort],
        Field(
            min_length=1,
            max_length=3,
            description=f"{FIRST} Alone, an indexed custom field sorts too, records without a "
            "value last.",
        ),
    ] = ["-created_at"]


searches["tickets"] = TicketSearch


class TicketAggregate(Aggregate):
    """How to count tickets, and what to reckon."""
