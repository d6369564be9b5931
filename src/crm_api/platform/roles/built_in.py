"""The roles that fit a Chinese group as it is: which scopes each has, and how far they reach."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_api.kit.languages import negotiated
from crm_api.kit.words import LANGUAGES, Words, say, translated

from .models import Access, Reach

SURROUNDINGS = (
    "business_units:read",
    "business_calendars:read",
    "custom_fields:read",
    "grade_schemes:read",
    "legal_entities:read",
    "teams:read",
    "tenant:read",
    "users:read",
)
"""What everybody needs who works with customers: who and where the others are, and the words."""
FILES = ("exports:read", "customers:export")
MASSES = ("bulk:write", "imports:write", "customers:bulk")
DESK = (*SURROUNDINGS, "views:read", "views:write")


@dataclass(frozen=True, slots=True)
class BuiltInRole:
    code: str
    name: Words
    description: Words
    plain: Sequence[str]
    reached: Mapping[str, Reach] = field(default_factory=dict)
    masked: bool = False
    ruled: Mapping[str, Access] = field(default_factory=dict)

    def permissions(self) -> list[dict[str, Any]]:
        reached = [{"scope": s, "reach": r.value} for s, r in self.reached.items()]
        return [*reached, *({"scope": scope, "reach": None} for scope in self.plain)]

    def fields(self) -> list[dict[str, Any]]:
        ruled = ((*name.split("."), access.value) for name, access in self.ruled.items())
        return [{"resource": of, "field": name, "access": access} for of, name, access in ruled]


OWN, UNIT, BELOW = Reach.own, Reach.unit, Reach.subtree
CREDIT = ("unit_profiles.credit_limit", "unit_profiles.credit_days")


def _customers(read: Reach, write: Reach | None = None) -> dict[str, Reach]:
    """The same for customers, and for what units know of them."""
    deeds = {"read": read} | ({"write": write} if write else {})
    return {f"{noun}:{d}": r for noun in ("customers", "unit_profiles") for d, r in deeds.items()}


def _sharing(reach: Reach, *, decides: bool = False) -> dict[str, Reach]:
    """To ask for customers of others; and to decide what others ask for, and to share at once."""
    asks = ("access_requests:read", "access_requests:write", "access_grants:read")
    return dict.fromkeys([*asks, "access_grants:write"] if decides else asks, reach)


def _follow_ups(reach: Reach) -> dict[str, Reach]:
    return dict.fromkeys(("tasks:read", "tasks:write"), reach)


ROLES = (
    BuiltInRole(
        "group_administrator",
        say("Group administrator"),
        say("Everything, everywhere in the group."),
        ("*",),
    ),
    BuiltInRole(
        "unit_manager",
        say("Unit manager"),
        say(
            "All customers of a unit and of the units below it, with exports and mass changes; "
            "decides who else sees them."
        ),
        (*DESK, "jobs:read", "jobs:write", *FILES, *MASSES),
        {**_customers(BELOW, BELOW), **_sharing(BELOW, decides=True), **_follow_ups(BELOW)},
    ),
    BuiltInRole(
        "sales",
        say("Sales"),
        say("The customers that one owns or collaborates on."),
        DESK,
        {**_customers(OWN, OWN), **_sharing(OWN), **_follow_ups(OWN)},
        ruled=dict.fromkeys(CREDIT, Access.read),
    ),
    BuiltInRole(
        "service_agent",
        say("Service agent"),
        say("Sees and corrects the customers of a unit; reads what the unit knows of them."),
        DESK,
        {
            "customers:read": UNIT,
            "customers:write": UNIT,
            "unit_profiles:read": UNIT,
            **_follow_ups(OWN),
        },
        ruled=dict.fromkeys(CREDIT, Access.mask),
    ),
    BuiltInRole(
        "marketer",
        say("Marketer"),
        say("Sees the customers of a unit and of those below it, with personal data masked."),
        (*SURROUNDINGS, "views:read"),
        _customers(BELOW),
        masked=True,
    ),
    BuiltInRole(
        "finance",
        say("Finance"),
        say("Sees the customers of a unit and of those below it, and keeps their credit terms."),
        (*DESK, "jobs:read", *FILES),
        {**_customers(BELOW), "unit_profiles:write": BELOW, **_follow_ups(OWN)},
    ),
    BuiltInRole(
        "auditor",
        say("Auditor"),
        say("Reads everything in the group, and changes nothing."),
        ("*:read",),
    ),
    BuiltInRole(
        "integration",
        say("Integration"),
        say("A system of a unit: its customers and those of the units below it, and their events."),
        (*SURROUNDINGS, "events:read", "jobs:read", *FILES, *MASSES),
        {**_customers(BELOW, BELOW), **_follow_ups(BELOW)},
    ),
)


def roles(languages: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The columns of each, with words in the language that a tenant names first."""
    language = negotiated(", ".join(languages), LANGUAGES)
    for role in ROLES:
        yield {
            "code": role.code,
            "name": translated(role.name, language),
            "description": translated(role.description, language),
            "permissions": role.permissions(),
            "masked": role.masked,
            "fields": role.fields(),
        }
