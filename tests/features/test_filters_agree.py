"""The database, the evaluator in memory and a naive one find the same customers.

Random filters over customers with all that goes wrong: nothing at all, other scripts and cases,
midnights of several zones, days that some years do not have.
"""

import operator
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from os import environ
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from crm_api.cli.unit import operator as operator_of
from crm_api.features.customers.criteria import CUSTOMERS
from crm_api.kit.actor import Tenant
from crm_api.kit.asking import Asker
from crm_api.kit.catalogue import Catalogue
from crm_api.kit.context import House
from crm_api.kit.matching import holds
from crm_api.kit.tree import Filter
from crm_api.platform.custom_fields.criteria import with_custom
from tests.conftest import NewClient, NewTenant

Json = dict[str, Any]


@dataclass(repr=False)
class Crowd:
    """A client, its tenant, and all customers as documents, each with its parent beside it."""

    client: AsyncClient
    tenant: Tenant
    documents: list[Json]


ZONE = "America/New_York"
TREE: TypeAdapter[Any] = TypeAdapter(Filter)
NAMES = [
    "Acme",
    "acme west",
    "王芳",
    "王 芳",
    "Zoë",
    "ZOË",
    "İstanbul",
    "straße",
    "STRASSE",
    "😀 shop",
]
NAMES += ["100%", "a_b", "a\\b", "O'Brien", 'say "hi"', "ﬁne", "e\u0301", "é", "A", "z"]
SOURCES = ["shop", "fair", "web", None]
TAGS = ["vip", "VIP", "新客", "new", "a b"]
DAYS = ["1988-02-29", "1990-02-28", "1990-03-01", "2000-12-31", None]
MOMENTS = [
    "2026-03-08T04:59:59.999Z",  # the last moment of a day in New York, before its clocks change
    "2026-03-08T05:00:00Z",
    "2026-03-09T03:59:59Z",
    "2026-03-09T04:00:00Z",
    "2025-12-31T23:59:59.001+08:00",
    "2024-02-29T12:00:00-03:30",
]
EMAILS = ["wang@example.com", "li@example.com", "zoe@example.org"]


FIELDS: list[Json] = [
    {"key": "words", "kind": "text"},
    {"key": "found_words", "kind": "text", "indexed": True},
    {"key": "points", "kind": "number"},
    {"key": "found_points", "kind": "number", "indexed": True},
    {"key": "ltv", "kind": "decimal"},
    {"key": "found_ltv", "kind": "decimal", "indexed": True},
    {"key": "agreed", "kind": "boolean"},
    {"key": "found_agreed", "kind": "boolean", "indexed": True},
    {"key": "since", "kind": "date"},
    {"key": "found_since", "kind": "date", "indexed": True},
    {"key": "seen_at", "kind": "datetime"},
    {"key": "found_seen_at", "kind": "datetime", "indexed": True},
    {"key": "tiers", "kind": "multi_select"},
    {"key": "found_tiers", "kind": "multi_select", "indexed": True},
]
POINTS = [-(2**53) + 1, -10, -1, 0, 1, 9, 10, 2**53 - 1]
MONEY = ["0", "-0.0", "0.1", "0.10", "-1.5", "12.50", "999999999999999999.9999999999", "-12.5"]
TIERS = ["gold", "Gold", "a.b", "a-b"]
CUSTOM: dict[str, list[Any]] = {
    "words": [*NAMES[:12], None],
    "points": [*POINTS, None],
    "ltv": [*MONEY, None],
    "agreed": [True, False, None],
    "since": DAYS,
    "seen_at": [*MOMENTS, None],
}


def _custom(dice: random.Random) -> Json:
    found = {key: dice.choice(values) for key, values in CUSTOM.items()}
    found["tiers"] = dice.sample(TIERS, dice.randrange(3)) or None
    return found | {f"found_{key}": value for key, value in found.items()}


def people(dice: random.Random) -> list[Json]:
    organizations = [_organization(dice) for _ in range(12)]
    persons = [_person(dice) for _ in range(36)]
    return organizations + persons


def _shared(dice: random.Random) -> Json:
    tags = dice.sample(TAGS, dice.randrange(4))
    emails = [{"kind": "email", "value": v} for v in dice.sample(EMAILS, dice.randrange(3))]
    sent: Json = {"name": dice.choice(NAMES), "source": dice.choice(SOURCES), "tags": tags}
    sent |= {"acquired_at": dice.choice(MOMENTS), "contact_points": emails}
    return sent | {"custom": _custom(dice)}


def _organization(dice: random.Random) -> Json:
    industry = dice.choice(["retail", "Retail", "零售", None])
    return {"kind": "organization", **_shared(dice), "industry": industry}


def _person(dice: random.Random) -> Json:
    gender = dice.choice(["female", "male", None])
    return {"kind": "person", **_shared(dice), "gender": gender, "born_on": dice.choice(DAYS)}


TEXTS = st.sampled_from([*NAMES, "a", "ß", "%", "王", "SHOP", "shop", "retail", "零", ""])
UNITS = st.sampled_from(["day", "week", "month", "year"])
AGO = st.builds(lambda unit, ago: {"unit": unit, "ago": ago}, UNITS, st.integers(0, 40))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "name": TEXTS,
    "source": st.sampled_from(["shop", "fair", "web", "none", ""]),
    "industry": TEXTS,
    "email": st.sampled_from([*EMAILS, "WANG@example.com", "nobody@example.com"]),
    "tags": st.sampled_from([*TAGS, "nobody"]),
    "kind": st.sampled_from(["person", "organization"]),
    "gender": st.sampled_from(["female", "male", "other"]),
    "born_on": st.sampled_from([day for day in DAYS if day]) | AGO,
    "acquired_at": st.sampled_from(MOMENTS) | AGO,
    "external_ids.erp": st.sampled_from(["1", "2", "30", "x"]),
}
VALUES |= {f"parent.{name}": VALUES[name] for name in ("name", "source", "tags", "acquired_at")}
FOUND_IN_CUSTOM: dict[str, st.SearchStrategy[Any]] = {
    "words": TEXTS,
    "points": st.sampled_from([*POINTS, 2]),
    "ltv": st.sampled_from([*MONEY, "0.100000", "3"]),
    "agreed": st.booleans(),
    "since": VALUES["born_on"],
    "seen_at": VALUES["acquired_at"],
    "tiers": st.sampled_from(TIERS),
}
for _key, _values in FOUND_IN_CUSTOM.items():
    VALUES |= {f"custom.{_key}": _values, f"custom.found_{_key}": _values}
VALUES["parent.custom.found_points"] = FOUND_IN_CUSTOM["points"]
TIMES = ("born_on", "acquired_at", "parent.acquired_at")
WORDS = (
    "name",
    "source",
    "industry",
    "email",
    "words",
    "external_ids.erp",
    "parent.name",
    "parent.source",
)


@st.composite
def conditions(draw: Callable[[Any], Any]) -> Json:
    field = draw(st.sampled_from(sorted(VALUES)))
    op = draw(st.sampled_from(ops_of(field)))
    return {"kind": "condition", "field": field, "op": op, "value": draw(value_of(field, op))}


ORDERED = ["eq", "ne", "gt", "gte", "lt", "lte", "exists"]


def is_time(field: str) -> bool:
    return field in TIMES or field.endswith(("since", "seen_at"))


def is_set(field: str) -> bool:
    return field.endswith(("tags", "tiers"))


def ops_of(field: str) -> list[str]:
    if is_time(field):
        return [*ORDERED, "within_last"]
    if field.endswith(("points", "ltv")):
        return [*ORDERED, "in", "not_in"]
    if field.endswith("agreed"):
        return ["eq", "ne", "exists"]
    if is_set(field):
        return ["contains", "in", "not_in", "exists"]
    texts = ["contains", "starts_with"] if field.endswith(WORDS) else []
    return ["eq", "ne", "in", "not_in", "exists", *texts]


def value_of(field: str, op: str) -> st.SearchStrategy[Any]:
    if op == "exists":
        return st.booleans()
    if op == "within_last":
        return AGO
    if op in ("in", "not_in"):
        return st.lists(VALUES[field], max_size=4)
    return VALUES[field]


TREES = st.recursive(
    conditions(),
    lambda parts: st.builds(
        lambda kind, of: {"kind": kind, "of": of},
        st.sampled_from(["all", "any", "none"]),
        st.lists(parts, max_size=3),
    ),
    max_leaves=8,
)


def naive(tree: Json, person: Json, now: datetime) -> bool:
    """What the contract says of filters, said once more in plain Python."""
    if tree["kind"] != "condition":
        parts = [naive(part, person, now) for part in tree["of"]]
        return {"all": all(parts), "any": any(parts), "none": not any(parts)}[tree["kind"]]
    op, asked = tree["op"], tree["value"]
    opposite = {"ne": "eq", "not_in": "in"}
    if op in opposite:
        return not naive({**tree, "op": opposite[op]}, person, now)
    values = found(person, tree["field"])
    if op == "exists":
        return bool(values) is asked
    return any(passes(op, tree["field"], value, asked, now) for value in values)


def found(person: Json, field: str) -> list[Any]:
    if field.startswith("parent."):
        parent = person["parent"]
        return found(parent, field.removeprefix("parent.")) if parent else []
    if field.startswith("custom."):
        value = person["custom"].get(field.removeprefix("custom."))
        return value if isinstance(value, list) else [] if value is None else [value]
    if field == "external_ids.erp":
        return [v for k, v in person["external_ids"].items() if k == "erp"]
    if field == "email":
        return [p["value"] for p in person["contact_points"] if p["kind"] == "email"]
    value = person[field]
    return value if isinstance(value, list) else [] if value is None else [value]


def passes(op: str, field: str, value: Any, asked: Any, now: datetime) -> bool:
    if is_time(field):
        return timely(op, value, asked, now)
    if field in READ or field.endswith("ltv"):
        read = READ.get(field, Decimal)
        value, asked = read(value), [read(one) for one in asked] if op == "in" else read(asked)
    if op in COMPARED:
        return bool(COMPARED[op](value, asked))
    if op == "in":
        return value in asked
    if op == "eq" or is_set(field):
        return bool(value == asked)
    low, part = (
        "".join(c.lower() if "A" <= c <= "Z" else c for c in text) for text in (value, asked)
    )
    return part in low if op == "contains" else low.startswith(part)


READ: dict[str, Callable[[str], Any]] = {"email": str.lower}
COMPARED = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}


def timely(op: str, value: str, asked: Any, now: datetime) -> bool:
    is_day = len(value) == len("2026-01-01")
    here: Any = date.fromisoformat(value) if is_day else datetime.fromisoformat(value)
    today = now.astimezone(ZoneInfo(ZONE))
    if op == "within_last":
        day = moved(asked, today.date())
        if is_day:
            return bool(day <= here <= today.date())
        first = datetime.combine(day, today.time(), ZoneInfo(ZONE)).astimezone(UTC)
        return bool(first <= here <= now)
    there: Any = asked
    if isinstance(asked, dict):
        there = first_of(asked["unit"], moved(asked, today.date()))
        there = there if is_day else datetime.combine(there, datetime.min.time(), ZoneInfo(ZONE))
    else:
        there = date.fromisoformat(asked) if is_day else datetime.fromisoformat(asked)
    if not is_day:
        there = there.astimezone(UTC)
    compared = {"eq": here == there, "gt": here > there, "gte": here >= there}
    return bool({**compared, "lt": here < there, "lte": here <= there}[op])


def moved(ago: Json, day: date) -> date:
    """Month by month, as one counts on the fingers."""
    if ago["unit"] in ("day", "week"):
        return day - timedelta(days=ago["ago"] * (7 if ago["unit"] == "week" else 1))
    months = ago["ago"] * (12 if ago["unit"] == "year" else 1)
    first = day.replace(day=1)
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def first_of(unit: str, day: date) -> date:
    if unit == "week":
        return day - timedelta(days=day.isoweekday() - 1)
    return {"month": day.replace(day=1), "year": day.replace(month=1, day=1)}.get(unit, day)


@pytest.fixture
async def crowd(caller: NewClient, new_tenant_: NewTenant) -> Crowd:
    tenant = await new_tenant_(time_zone=ZONE)
    client = await caller(tenant=tenant)
    options: list[Json]
    for field in FIELDS:
        options = [{"value": one, "labels": {"en": one}} for one in TIERS]
        more = {"options": options} if field["kind"] == "multi_select" else {}
        sent = {"resource": "customer", "labels": {"en": field["key"]}, **field, **more}
        made = await client.post("/custom-fields", json=sent)
        assert made.status_code == 201, made.text
    dice = random.Random(7)
    items = [{"external_id": str(n), "data": one} for n, one in enumerate(people(dice))]
    made = await client.post("/customers/batch-upsert", json={"system": "erp", "items": items})
    ids = [one["id"] for one in made.json()["data"]]
    for child in range(6, 12):
        parent = {"parent_id": ids[dice.randrange(6)]}
        assert (await client.patch(f"/customers/{ids[child]}", json=parent)).status_code == 200
    read = await client.post("/customers/batch-get", json={"ids": ids, "expand": ["parent"]})
    return Crowd(client, tenant, read.json()["data"])


async def catalogue(house: House, tenant: Tenant) -> Catalogue:
    """With the fields of the tenant, as a segment or a webhook would have it."""
    return await with_custom(operator_of(house, tenant), CUSTOMERS)


@settings(
    max_examples=int(environ.get("CRM_TEST_FILTERS", "200")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tree=TREES)
async def test_three_evaluators_agree(house: House, crowd: Crowd, tree: Json) -> None:
    asked = {"filter": tree, "limit": 200, "include": ["total"]}
    answer = await crowd.client.post("/customers/search", json=asked)
    assert answer.status_code == 200, answer.text
    found = {one["id"] for one in answer.json()["data"]}
    now = datetime.now(UTC)
    node = Asker(await catalogue(house, crowd.tenant), crowd.tenant, now).understand(
        TREE.validate_python(tree)
    )
    assert {one["id"] for one in crowd.documents if holds(node, one)} == found
    assert {one["id"] for one in crowd.documents if naive(tree, one, now)} == found
    assert answer.json()["total"]["value"] == len(found)
