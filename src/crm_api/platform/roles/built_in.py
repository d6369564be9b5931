"""The roles that fit a Chinese group as it is: which scopes each has, and how far they reach."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_api.kit.languages import negotiated
from crm_api.kit.words import LANGUAGES, Words, say, translated

from .bundles import (
    ANSWERS,
    COST,
    CREDIT,
    CUSTOMERS,
    DESK,
    FILES,
    LEADS,
    SURROUNDINGS,
    SYSTEM,
    WORK,
    over,
    sharing,
)
from .models import Access, Reach


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
            "All customers, deals and follow-ups of a unit and of the units below it, with exports "
            "and mass changes; decides who else sees the customers, sets quotas and reopens deals."
        ),
        (*DESK, *LEADS),
        {
            **over((*WORK, "tasks", "tickets", "quotas", "receipts"), Reach.subtree, Reach.subtree),
            **sharing(Reach.subtree, decides=True) | over(("ratings",), Reach.subtree),
        },
    ),
    BuiltInRole(
        "sales",
        say("Sales"),
        say("The customers, deals and follow-ups that one owns or collaborates on."),
        DESK,
        {
            **over((*WORK, "tasks", "tickets"), Reach.own, Reach.own),
            **sharing(Reach.own),
            **over(("quotas", "receipts", "ratings"), Reach.own),
        },
        ruled=dict.fromkeys(CREDIT, Access.read) | dict.fromkeys(COST, Access.mask),
    ),
    BuiltInRole(
        "service_agent",
        say("Service agent"),
        say(
            "Answers the tickets of a unit; sees and corrects its customers and its follow-ups; "
            "reads its deals, and what it knows of the customers."
        ),
        (*DESK, *ANSWERS),
        {
            **over(("customers", "activities", "returns", "tickets"), Reach.unit, Reach.unit),
            **over(("unit_profiles", "deals", "orders", "shipments", "ratings"), Reach.unit),
            **over(("tasks",), Reach.own, Reach.own),
        },
        ruled=dict.fromkeys((*CREDIT, *COST), Access.mask),
    ),
    BuiltInRole(
        "marketer",
        say("Marketer"),
        say("Sees the customers of a unit and of those below it, with personal data masked."),
        (*SURROUNDINGS, "views:read"),
        over(CUSTOMERS, Reach.subtree),
        masked=True,
        ruled=dict.fromkeys(COST, Access.mask),
    ),
    BuiltInRole(
        "finance",
        say("Finance"),
        say(
            "Sees the customers, deals and activities of a unit and of those below it, and keeps "
            "credit terms, receipts, exchange rates and tax rates."
        ),
        (*DESK, "jobs:read", *FILES, "exchange_rates:write", "tax_rates:write"),
        {
            **over((*WORK, "quotas"), Reach.subtree),
            **over(("receipts", "unit_profiles"), Reach.subtree, Reach.subtree),
            **over(("tasks",), Reach.own, Reach.own),
        },
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
        say(
            "A system of a unit: its customers, deals and follow-ups, those of the units below it, "
            "and their events; the products of the group."
        ),
        (*SURROUNDINGS, *SYSTEM),
        {
            **over((*WORK, "tasks", "tickets", "receipts"), Reach.subtree, Reach.subtree),
            **over(("quotas", "ratings"), Reach.subtree),
        },
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
