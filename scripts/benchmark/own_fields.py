"""What fields of a tenant's own cost it, and its neighbours."""

import asyncio
import http.client
import json
import time
from statistics import median
from typing import Any

import asyncpg

from crm_api.cli.unit import opened, operator
from crm_api.kit.actor import Tenant
from crm_api.kit.kinds import Kind
from crm_api.platform.custom_fields.schemas import CustomFieldCreate
from crm_api.platform.custom_fields.service import CustomFieldService

from .people import settle, settle_keys
from .serving import serving
from .world import World, new_tenants

CUSTOMERS, FIELDS, PORT, REPEATS = 300_000, 200, 8459, 25
INDEXED = FIELDS // 2
Milliseconds = dict[str, list[float]]
VALUES = """
INSERT INTO custom_values (tenant_id, field_id, value, object_id)
SELECT c.tenant_id, f.id, CASE WHEN f.kind = 'number'
    THEN lpad(((c.custom ->> f.key)::bigint + 9007199254740991)::text, 17, '0')
    ELSE c.custom ->> f.key END, c.id
FROM customers c, custom_fields f
WHERE c.tenant_id = $1 AND f.tenant_id = $1 AND f.indexed AND c.custom ? f.key"""


def values(n: int) -> str:
    """Of customer `n`: a grade in ten, points, a note of one's own, and ten of the other fields."""
    own: dict[str, Any] = {"field_0": f"grade-{n % 10}", "field_1": n * 7919 % 10_000}
    own |= {f"field_{INDEXED}": own["field_0"], f"field_{INDEXED + 1}": own["field_1"]}
    own |= {f"field_{2 + (n + k) % (INDEXED - 2)}": f"text-{n}" for k in range(5)}
    own |= {f"field_{INDEXED + 2 + (n + k) % (INDEXED - 2)}": "x" for k in range(5)}
    return json.dumps(own)


def own_fields(world: World) -> tuple[Milliseconds, Milliseconds, Milliseconds]:
    """The neighbour alone, the neighbour beside it, and the tenant that has them."""
    tenants = asyncio.run(new_tenants(world.settings, ["Neighbour", "Own fields"]))
    asyncio.run(_settled(world, tenants[0][0], None))
    alone = _asked(world, tenants[0][1], PLAIN)
    asyncio.run(_settled(world, tenants[1][0], values))
    beside = _asked(world, tenants[0][1], PLAIN)
    return alone, beside, _asked(world, tenants[1][1], PLAIN | OWN)


async def _settled(world: World, tenant: Tenant, custom: Any) -> None:
    if custom:
        await _define(world, tenant)
    database = await asyncpg.connect(world.owner_url)
    await settle(database, [(tenant, CUSTOMERS)], custom or (lambda n: "{}"))
    await settle_keys(database, tenant)
    await database.execute(VALUES, tenant.id, timeout=600)
    await database.execute("VACUUM ANALYZE customers, customer_keys, custom_values")
    await database.close()


async def _define(world: World, tenant: Tenant) -> None:
    async with opened(world.settings) as house:
        for n in range(FIELDS):
            ctx = operator(house, tenant)
            await CustomFieldService(ctx).create(CustomFieldCreate(**_field(n)))
            await ctx.finish()


def _field(n: int) -> dict[str, Any]:
    kind = Kind.number if n in (1, INDEXED + 1) else Kind.text
    known = {"resource": "customer", "key": f"field_{n}", "labels": {"en": f"Field {n}"}}
    return {**known, "kind": kind, "indexed": n < INDEXED}


def condition(key: str, op: str, value: Any) -> dict[str, Any]:
    return {"kind": "condition", "field": f"custom.{key}", "op": op, "value": value}


def _between(key: str, low: int, high: int) -> dict[str, Any]:
    return {"kind": "all", "of": [condition(key, "gte", low), condition(key, "lt", high)]}


NAMED = {"kind": "condition", "field": "source", "op": "eq", "value": "nowhere"}
PLAIN: dict[str, dict[str, Any]] = {
    "newest 50, no filter": {},
    "newest 50, a source that nobody has": {"filter": NAMED},
}
OWN: dict[str, dict[str, Any]] = {
    "indexed: equal, a tenth has it": {"filter": condition("field_0", "eq", "grade-3")},
    "indexed: equal, one has it": {"filter": condition("field_2", "eq", "text-98")},
    "indexed: equal, nobody has it": {"filter": condition("field_0", "eq", "grade-x")},
    "indexed: range, a half": {"filter": _between("field_1", 5000, 10_000)},
    "indexed: range, a tenth": {"filter": _between("field_1", 1000, 2000)},
    "indexed: range, a fiftieth": {"filter": _between("field_1", 100, 300)},
    "indexed: range, a hundredth": {"filter": _between("field_1", 100, 200)},
    "indexed: range, a thousandth": {"filter": _between("field_1", 100, 110)},
    "indexed: range, a few": {"filter": _between("field_1", 7, 8)},
    "indexed: sorted by it": {"sort": ["-custom.field_1"]},
    "not indexed: equal, a tenth has it": {
        "filter": condition(f"field_{INDEXED}", "eq", "grade-3")
    },
    "not indexed: range, a few": {"filter": _between(f"field_{INDEXED + 1}", 7, 8)},
}


def _asked(world: World, key: str, questions: dict[str, dict[str, Any]]) -> Milliseconds:
    """Question by question in turn, one caller, over HTTP."""
    taken: Milliseconds = {what: [] for what in questions}
    with serving(PORT, "product:whole --factory", world) as served:
        line = http.client.HTTPConnection("127.0.0.1", served.port)
        for _ in range(REPEATS):
            for what, body in questions.items():
                taken[what].append(_ask(line, key, body))
        line.close()
    return taken


def _ask(line: http.client.HTTPConnection, key: str, body: dict[str, Any]) -> float:
    told = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    begun = time.perf_counter()
    line.request("POST", "/v1/customers/search", json.dumps(body), told)
    answer = line.getresponse()
    said = answer.read()
    assert answer.status == http.client.OK, said
    return (time.perf_counter() - begun) * 1000


def run(world: World) -> str:
    return table(own_fields(world))


def table(found: tuple[Milliseconds, Milliseconds, Milliseconds]) -> str:
    heads = "| median (slowest) ms | neighbour alone | neighbour beside | with 200 fields |"
    lines = [heads, "|---|---|---|---|"]
    for what in found[2]:
        lines.append(f"| {what} | {' | '.join(_cell(taken.get(what, [])) for taken in found)} |")
    return "\n".join(lines)


def _cell(taken: list[float]) -> str:
    return f"{median(taken):.1f} ({max(taken):.1f})" if taken else ""
