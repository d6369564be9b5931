"""What it costs to see not all: a user of some units beside somebody who sees the whole group."""

import asyncio
import http.client
import json
from dataclasses import dataclass
from statistics import median
from typing import Any
from uuid import UUID

import asyncpg

from crm_api.cli.unit import opened, operator
from crm_api.kit.actor import Tenant
from crm_api.kit.context import Context
from crm_api.platform.access.schemas import ApiKeyCreate
from crm_api.platform.access.service import ApiKeyService
from crm_api.platform.business_units.schemas import BusinessUnitCreate
from crm_api.platform.business_units.service import BusinessUnitService
from crm_api.platform.role_assignments.schemas import RoleAssignmentCreate
from crm_api.platform.role_assignments.service import RoleAssignmentService
from crm_api.platform.roles.schemas import RoleQuery
from crm_api.platform.roles.service import RoleService
from crm_api.platform.users.schemas import UserCreate
from crm_api.platform.users.service import UserService

from .asking import ask
from .people import settle, settle_keys
from .serving import serving
from .world import World, new_tenants

CUSTOMERS, REGIONS, SHOPS, PORT, REPEATS = 300_000, 9, 190, 8461, 25
Milliseconds = dict[str, list[float]]
# A shop has the more customers the smaller its number is; the last ones have a few. Every tenth
# customer is known to two shops, every hundredth has an owner.
PROFILES = """
INSERT INTO unit_profiles (tenant_id, id, customer_id, business_unit_id, owner_id,
  lifecycle_changed_at, created_at, updated_at)
SELECT c.tenant_id, gen_random_uuid(), c.id, ($2::uuid[])[1 + floor(power(c.spot, 2) * $3)::int],
  CASE WHEN c.n % 600 = 0 THEN $4::uuid END, c.created_at, c.created_at, c.created_at
FROM (
  SELECT *, row_number() OVER (ORDER BY id) AS n, (hashtext(id::text)::bigint + 2147483648)
    / 4294967296.0 AS spot FROM customers WHERE tenant_id = $1
  UNION ALL
  SELECT *, row_number() OVER (ORDER BY id) * 7 AS n, (hashtext(id::text || 'b')::bigint
    + 2147483648) / 4294967296.0 FROM customers WHERE tenant_id = $1 AND hashtext(id::text) % 10 = 0
) c ON CONFLICT DO NOTHING"""
VIEWERS = """
INSERT INTO customer_viewers (tenant_id, viewer_id, customer_id, source_id, unit_id, writes)
SELECT tenant_id, business_unit_id, customer_id, id, business_unit_id, true
FROM unit_profiles WHERE tenant_id = $1
UNION ALL SELECT tenant_id, owner_id, customer_id, id, business_unit_id, true
FROM unit_profiles WHERE tenant_id = $1 AND owner_id IS NOT NULL"""
SHARES = """
SELECT count(DISTINCT customer_id) FROM customer_viewers
WHERE tenant_id = $1 AND viewer_id = ANY($2::uuid[])"""
TABLES = "customers, customer_keys, unit_profiles, customer_viewers"
QUESTIONS: dict[str, dict[str, Any]] = {
    "newest 50": {},
    "newest 50 persons": {"kind": "person"},
    "the next 50": {"cursor": ""},
    "50 by name": {"sort": "name"},
    "50 by last change": {"sort": "-updated_at"},
    "counted": {"include": "total", "limit": 1},
    "searched: 王芳": {"q": "王芳"},
    "a source": {"source": "shop"},
}


class Staff:
    """Makes the units, and the users and keys of those who ask."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def unit(self, name: str, parent: UUID | None) -> UUID:
        said = {"name": name, "kind": "shop", "parent_id": parent}
        return (await BusinessUnitService(self.ctx).create(BusinessUnitCreate(**said))).id

    async def user(self, name: str) -> UUID:
        users = UserService(self.ctx)
        id = (await users.create(UserCreate(name=name))).id
        await users.activate(id)
        return id

    async def key(self, user: UUID, role: str, unit: UUID | None) -> str:
        roles = json.loads((await RoleService(self.ctx).list(RoleQuery(limit=50))).body)["data"]
        held = {
            "user_id": f"usr_{user.hex}",
            "role_id": next(r["id"] for r in roles if r["code"] == role),
        }
        held |= {"business_unit_id": f"bun_{unit.hex}"} if unit else {}
        await RoleAssignmentService(self.ctx).create(RoleAssignmentCreate.model_validate(held))
        key = ApiKeyCreate.model_validate(
            {"name": "K", "scopes": ["*"], "user_id": f"usr_{user.hex}"}
        )
        secret, _ = await ApiKeyService(self.ctx).create(key)
        return secret


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks: with which role, in which unit, as which viewers."""

    name: str
    role: str
    unit: UUID | None
    viewers: list[UUID]


async def _staffed(staff: Staff) -> tuple[list[UUID], UUID, list[Asking]]:
    """The shops, who owns some customers, and those who ask."""
    group = await staff.unit("Group", None)
    regions = [await staff.unit(f"Region {n}", group) for n in range(REGIONS)]
    shops = [await staff.unit(f"Shop {n}", regions[n % REGIONS]) for n in range(SHOPS)]
    seller = await staff.user("Seller")
    return (
        shops,
        seller,
        [
            Asking("all", "group_administrator", None, []),
            Asking("whole tree", "unit_manager", group, shops),
            Asking("a region", "unit_manager", regions[0], shops[::REGIONS]),
            Asking("a large shop", "unit_manager", shops[0], shops[:1]),
            Asking("a small shop", "unit_manager", shops[-1], shops[-1:]),
            Asking("own", "sales", shops[0], [seller]),
        ],
    )


async def _settled(world: World, tenant: Tenant) -> dict[str, str]:
    """Keys, by who asks with them."""
    async with opened(world.settings) as house:
        ctx = operator(house, tenant)
        staff = Staff(ctx)
        shops, seller, asking = await _staffed(staff)
        users = [seller if one.name == "own" else await staff.user(one.name) for one in asking]
        keys = [
            await staff.key(user, one.role, one.unit)
            for user, one in zip(users, asking, strict=True)
        ]
        await ctx.finish()
    database = await asyncpg.connect(world.owner_url)
    await settle(database, [(tenant, CUSTOMERS)])
    await settle_keys(database, tenant)
    await database.execute(PROFILES, tenant.id, shops, SHOPS, seller, timeout=600)
    await database.execute(VIEWERS, tenant.id, timeout=600)
    await database.execute(f"VACUUM ANALYZE {TABLES}")
    seen = [await database.fetchval(SHARES, tenant.id, one.viewers) for one in asking]
    await database.close()
    named = [
        f"{one.name}, {many:,}" if many else one.name
        for one, many in zip(asking, seen, strict=True)
    ]
    return dict(zip(named, keys, strict=True))


def run(world: World) -> str:
    [(tenant, _)] = asyncio.run(new_tenants(world.settings, ["Visibility"]))
    keys = asyncio.run(_settled(world, tenant))
    return table(_asked(world, keys))


def _asked(world: World, keys: dict[str, str]) -> dict[str, Milliseconds]:
    """Question by question in turn, one caller, over HTTP."""
    taken: dict[str, Milliseconds] = {who: {what: [] for what in QUESTIONS} for who in keys}
    with serving(PORT, "product:whole --factory", world) as served:
        line = http.client.HTTPConnection("127.0.0.1", served.port)
        first = {who: ask(line, key, "/customers", {})[1] for who, key in keys.items()}
        for _ in range(REPEATS):
            for what, asked in QUESTIONS.items():
                for who, key in keys.items():
                    following = first[who]["next_cursor"]
                    if "cursor" in asked and following is None:
                        continue
                    said = {"cursor": following} if "cursor" in asked else asked
                    taken[who][what].append(ask(line, key, "/customers", said)[0])
        line.close()
    return taken


def table(taken: dict[str, Milliseconds]) -> str:
    """Medians, and what they are of the group administrator's."""
    first, *others = taken
    lines = [f"| median ms (share) | {' | '.join(taken)} |", "|---" * (len(taken) + 1) + "|"]
    for what in QUESTIONS:
        whole = median(taken[first][what])
        cells = [f"{whole:.1f}", *(_cell(taken[who][what], whole) for who in others)]
        lines.append(f"| {what} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(taken: list[float], whole: float) -> str:
    return f"{median(taken):.1f} ({median(taken) / whole:.2f})" if taken else ""
