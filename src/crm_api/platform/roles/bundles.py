"""Scopes that go together, as several roles of the product have them."""

from collections.abc import Iterable

from .models import Reach

SURROUNDINGS = (
    "business_units:read",
    "business_calendars:read",
    "custom_fields:read",
    "exchange_rates:read",
    "grade_schemes:read",
    "legal_entities:read",
    "number_patterns:read",
    "pipelines:read",
    "tax_rates:read",
    "product_categories:read",
    "products:read",
    "teams:read",
    "tenant:read",
    "ticket_statuses:read",
    "users:read",
)
"""What everybody needs who works with customers: who and where the others are, and the words."""
FILES = ("exports:read", "customers:export")
MASSES = ("bulk:write", "imports:write", "customers:bulk")
DESK = (
    *SURROUNDINGS,
    "channels:read",
    "macros:read",
    "price_books:read",
    "rating_policies:read",
    "sla_policies:read",
    "views:read",
    "views:write",
)
CATALOGUE = (
    "price_books:read",
    "price_books:write",
    "product_categories:write",
    "products:write",
)
WAITS = ("agents:read", "queues:read", "routing_rules:read")
"""Who answers tickets, where they wait, and why there."""
ANSWERS = (*WAITS, "presence:write")
"""Of those who answer tickets: also to say that one is there."""
LEADS = (
    *("jobs:read", "jobs:write", *FILES, *MASSES, "deals:reopen"),
    *(*ANSWERS, "agents:write", "macros:write", "queues:write"),
)
SYSTEM = (
    *("channels:deliver", "events:read", "jobs:read"),
    *(*FILES, *MASSES, *CATALOGUE, *WAITS, "rating_links:write"),
)
COST = ("products.unit_cost", "price_books.rules")
CREDIT = ("unit_profiles.credit_limit", "unit_profiles.credit_days")


CUSTOMERS = ("customers", "unit_profiles")
WORK = (*CUSTOMERS, "activities", "deals", "orders", "shipments", "returns")
"""Customers, what units know of them, what is done with them, and what is sold to them."""


def over(nouns: Iterable[str], read: Reach, write: Reach | None = None) -> dict[str, Reach]:
    """The same for each of some nouns."""
    deeds = {"read": read} | ({"write": write} if write else {})
    return {f"{noun}:{deed}": reach for noun in nouns for deed, reach in deeds.items()}


def sharing(reach: Reach, *, decides: bool = False) -> dict[str, Reach]:
    """To ask for customers of others; and to decide what others ask for, and to share at once."""
    asks = ("access_requests:read", "access_requests:write", "access_grants:read")
    return dict.fromkeys([*asks, "access_grants:write"] if decides else asks, reach)
