"""Scopes that go together, as several roles of the product have them."""

from .models import Reach

SURROUNDINGS = (
    "business_units:read",
    "business_calendars:read",
    "custom_fields:read",
    "exchange_rates:read",
    "grade_schemes:read",
    "legal_entities:read",
    "pipelines:read",
    "teams:read",
    "tenant:read",
    "users:read",
)
"""What everybody needs who works with customers: who and where the others are, and the words."""
FILES = ("exports:read", "customers:export")
MASSES = ("bulk:write", "imports:write", "customers:bulk")
DESK = (*SURROUNDINGS, "views:read", "views:write")
CREDIT = ("unit_profiles.credit_limit", "unit_profiles.credit_days")


def customers(read: Reach, write: Reach | None = None) -> dict[str, Reach]:
    """The same for customers, and for what units know of them."""
    deeds = {"read": read} | ({"write": write} if write else {})
    return {f"{noun}:{d}": r for noun in ("customers", "unit_profiles") for d, r in deeds.items()}


def selling(read: Reach, write: Reach | None = None) -> dict[str, Reach]:
    """Deals, and what is to be won with them."""
    given = {"deals:read": read, "quotas:read": read}
    return given | ({"deals:write": write} if write else {})


def sharing(reach: Reach, *, decides: bool = False) -> dict[str, Reach]:
    """To ask for customers of others; and to decide what others ask for, and to share at once."""
    asks = ("access_requests:read", "access_requests:write", "access_grants:read")
    return dict.fromkeys([*asks, "access_grants:write"] if decides else asks, reach)
