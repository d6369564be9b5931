from typing import Annotated, Literal

from pydantic import BaseModel, Field

from crm_api.features.customers.schemas import CustomerRead
from crm_api.features.desk.tickets.schemas import TicketRead
from crm_api.features.follow_ups.activities.schemas import ActivityRead
from crm_api.features.follow_ups.tasks.schemas import TaskRead
from crm_api.features.pipeline.deals.schemas import DealRead
from crm_api.features.profiles.unit_profiles.schemas import UnitProfileRead
from crm_api.features.trade.orders.schemas import OrderRead
from crm_api.kit.money import MoneySum
from crm_api.kit.schema import Read


class ShownProfiles(BaseModel):
    """What the units of which you see it know about the customer."""

    count: Annotated[int, Field(description="How many profiles you see.", examples=[3])]
    data: Annotated[list[UnitProfileRead], Field(description="The newest 20.")]


class OpenDeals(BaseModel):
    """Deals with the customer that are neither won nor lost, nor archived."""

    count: Annotated[int, Field(description="How many of them you see.", examples=[7])]
    amounts: Annotated[
        list[MoneySum],
        Field(description="What all of these are worth, currency by currency; nothing converted."),
    ]
    data: Annotated[list[DealRead], Field(description="The newest 5.")]


class Orders(BaseModel):
    """What the customer has ordered: orders that were confirmed, and not cancelled."""

    count: Annotated[int, Field(description="How many of them you see.", examples=[12])]
    totals: Annotated[
        list[MoneySum],
        Field(description="What all of these come to, currency by currency; nothing converted."),
    ]
    paid: Annotated[
        list[MoneySum], Field(description="What of it has been paid, currency by currency.")
    ]
    data: Annotated[list[OrderRead], Field(description="The 5 that were ordered last.")]


class PlannedActivities(BaseModel):
    """Activities with the customer that are planned."""

    count: Annotated[int, Field(description="How many of them you see.", examples=[2])]
    data: Annotated[
        list[ActivityRead],
        Field(description="The 5 that begin first; what should have begun already is among them."),
    ]


class RecentActivities(BaseModel):
    """Activities with the customer that are done."""

    has_more: Annotated[
        bool, Field(description="Whether there are more; `GET /v1/activities` lists them all.")
    ]
    data: Annotated[list[ActivityRead], Field(description="The 10 that were done last.")]


class OpenTasks(BaseModel):
    """Tasks about the customer that are still to be done."""

    count: Annotated[int, Field(description="How many of them you see.", examples=[4])]
    data: Annotated[
        list[TaskRead],
        Field(description="The 5 that are due first, late ones before; those never due come last."),
    ]


class OpenTickets(BaseModel):
    """Tickets of the customer that are not resolved."""

    count: Annotated[int, Field(description="How many of them you see.", examples=[1])]
    data: Annotated[list[TicketRead], Field(description="The newest 5.")]


class CustomerOverview(Read):
    """What to show first of a customer. Of each noun it has what you see, and null where you may
    not read the noun at all."""

    table = CustomerRead.table

    object: Literal["customer_overview"]
    version: Annotated[
        int,
        Field(
            description="That of the customer. The ETag carries it, and changes with all that is "
            "shown.",
            examples=[1],
        ),
    ]
    customer: CustomerRead
    unit_profiles: Annotated[
        ShownProfiles | None, Field(description="Null without the scope `unit_profiles:read`.")
    ]
    open_deals: Annotated[
        OpenDeals | None, Field(description="Null without the scope `deals:read`.")
    ]
    orders: Annotated[Orders | None, Field(description="Null without the scope `orders:read`.")]
    planned_activities: Annotated[
        PlannedActivities | None, Field(description="Null without the scope `activities:read`.")
    ]
    recent_activities: Annotated[
        RecentActivities | None, Field(description="Null without the scope `activities:read`.")
    ]
    open_tasks: Annotated[
        OpenTasks | None, Field(description="Null without the scope `tasks:read`.")
    ]
    open_tickets: Annotated[
        OpenTickets | None, Field(description="Null without the scope `tickets:read`.")
    ]
