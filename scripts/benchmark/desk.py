"""What 20,000 open clocks cost while nothing is due, and how soon what is due is told.

By hand is the owner of the tables, past row level security, without rules: what becomes of a clock
is not reckoned, but known.
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import Table

from crm_api.cli.unit import opened, operator
from crm_api.features.desk.clocks.schemas import Ruled, kept, simulate
from crm_api.features.desk.sla_policies.schemas import SlaPolicyCreate
from crm_api.features.desk.sla_policies.service import SlaPolicyService
from crm_api.features.desk.spans.schemas import AroundTheClock
from crm_api.features.desk.terms.schemas import TicketPriority
from crm_api.features.desk.tickets.resource import TICKET
from crm_api.features.desk.tickets.schemas import TicketCreate
from crm_api.features.desk.tickets.service import TicketService
from crm_api.kit.actor import Tenant
from crm_api.kit.db import table_of
from crm_api.kit.leases import Leases
from crm_api.platform.organization.due import ABREAST, PLACES, SECONDS

from .people import settle, settle_keys
from .serving import processor_seconds, working
from .visibility import Staff
from .world import World, new_tenants

OPEN, DUE, CUSTOMERS, LOOKS, IDLE, WARM = 20_000, 2_000, 1_000, 200, 30.0, 5.0
MINUTES, WITHIN, LOOK, MOST_SECONDS = 60, 60.0, 0.1, 600.0
TABLE: Table = table_of(TICKET.model)
COLUMNS = [c.name for c in TABLE.columns if c.computed is None]
COPIES = f"""
INSERT INTO tickets ({", ".join(COLUMNS)})
SELECT {", ".join(f"made.{name}" for name in COLUMNS)}
FROM tickets t CROSS JOIN jsonb_array_elements($3::jsonb) said
CROSS JOIN jsonb_populate_record(t, said) made
WHERE t.tenant_id = $1 AND t.id = $2"""
TIMERS = """
INSERT INTO timers (tenant_id, id, kind, lane, due_at)
SELECT tenant_id, id, 'tickets', tenant_id, due_at FROM tickets WHERE tenant_id = $1 AND id <> $2
ON CONFLICT DO NOTHING"""
DUE_THEN = """
WITH said AS (
  SELECT (one->>'id')::uuid AS id, one->'clocks' AS clocks, (one->>'due_at')::timestamptz AS at
  FROM jsonb_array_elements($2::jsonb) one
), told AS (
  UPDATE tickets t SET clocks = said.clocks, due_at = said.at FROM said
  WHERE t.tenant_id = $1 AND t.id = said.id
)
UPDATE timers t SET due_at = said.at FROM said WHERE t.tenant_id = $1 AND t.id = said.id"""
BREACHED = "SELECT ticket_id FROM sla_events WHERE tenant_id = $1 AND kind = 'breached'"
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE usename = 'crm_app'"
TRANSACTIONS = """
SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"""
LOOK_BY_HAND = """
SELECT id FROM timers WHERE kind = 'tickets' AND tenant_id = $1 AND lane = $1 AND due_at <= now()
ORDER BY due_at LIMIT 4 FOR UPDATE SKIP LOCKED"""
BY_HAND = """
WITH due AS (
  SELECT tenant_id, id FROM timers
  WHERE kind = 'tickets' AND tenant_id = $1 AND lane = $1 AND due_at <= now()
  ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
), again AS (
  UPDATE timers t SET due_at = t.due_at + interval '7 hours' FROM due
  WHERE t.tenant_id = due.tenant_id AND t.id = due.id
), swept AS (
  UPDATE tickets t SET is_breached = true, due_at = t.due_at + interval '7 hours',
    clocks = jsonb_set(t.clocks, '{all,0,breached_at}', to_jsonb(t.due_at)),
    version = t.version + 1, updated_at = now()
  FROM due WHERE t.tenant_id = due.tenant_id AND t.id = due.id RETURNING t.*
), fact AS (
  INSERT INTO sla_events (tenant_id, id, ticket_id, clock, number, kind, at, due_at, policy_id,
    created_at)
  SELECT tenant_id, gen_random_uuid(), id, 'first_response', 1, 'breached', now(), now(),
    sla_policy_id, now() FROM swept
), journal AS (
  INSERT INTO events (tenant_id, id, type, object_id, version, actor_id, request_id, created_at)
  SELECT tenant_id, gen_random_uuid(), 'ticket.first_response_breached', id, version, id, 'cmd',
    now() FROM swept RETURNING *
), told AS (
  INSERT INTO event_values (tenant_id, event_id, data)
  SELECT j.tenant_id, j.id, row_to_json(swept)::text
  FROM journal j JOIN swept ON swept.id = j.object_id
)
SELECT count(*) FROM swept"""
Database = asyncpg.Connection  # generic in the stubs only


@dataclass(frozen=True)
class Idle:
    """In a minute: seconds of the worker, of its connections, and transactions."""

    worker: float
    database: float
    transactions: float


class Desk:
    """Tickets that are alike but for when they are due."""

    def __init__(
        self, tenant: Tenant, first: UUID, database: "Database[Any]", ruled: Ruled
    ) -> None:
        self.tenant, self.first, self.database, self.ruled = tenant, first, database, ruled
        self.ids = [uuid4() for _ in range(OPEN)]

    async def open(self, customers: Sequence[UUID]) -> None:
        """All are due in an hour or two."""
        begin = datetime.now(UTC)
        told = [
            {
                **self._due(id, begin + timedelta(minutes=MINUTES + n % MINUTES)),
                "number": f"bench-{n}",
                "requester_id": str(customers[n % len(customers)]),
            }
            for n, id in enumerate(self.ids)
        ]
        await self.database.execute(
            COPIES, self.tenant.id, self.first, json.dumps(told), timeout=600
        )
        await self.database.execute(TIMERS, self.tenant.id, self.first)
        await self.database.execute("VACUUM ANALYZE tickets, timers")

    async def let(self, ids: Sequence[UUID], at: Callable[[int], datetime]) -> dict[UUID, float]:
        """Some of them are due then, whatever was said before; when each is."""
        due = {id: at(n) for n, id in enumerate(ids)}
        told = json.dumps([self._due(id, when) for id, when in due.items()])
        await self.database.execute(DUE_THEN, self.tenant.id, told)
        return {id: when.timestamp() for id, when in due.items()}

    async def seen(self, ids: Sequence[UUID]) -> dict[UUID, float]:
        """When a breach of each was there, to be seen by somebody else."""
        found: dict[UUID, float] = {}
        wanted, deadline = set(ids), time.monotonic() + MOST_SECONDS
        while wanted - found.keys() and time.monotonic() < deadline:
            rows = await self.database.fetch(BREACHED, self.tenant.id)
            now = time.time()
            for row in rows:
                if row["ticket_id"] in wanted:
                    found.setdefault(row["ticket_id"], now)
            await asyncio.sleep(LOOK)
        assert len(found) == len(wanted), f"{len(wanted) - len(found)} breaches are not told"
        return found

    def _due(self, id: UUID, at: datetime) -> dict[str, Any]:
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        begun = at - timedelta(minutes=MINUTES)
        clocks = kept(simulate([], begun, begun, self.ruled))
        return {"id": str(id), "clocks": clocks, "due_at": at.isoformat()}


def run(world: World) -> str:
    [(tenant, _)] = asyncio.run(new_tenants(world.settings, ["Desk"]))
    return asyncio.run(_measured(world, tenant))


async def _measured(world: World, tenant: Tenant) -> str:
    database = await asyncpg.connect(world.owner_url)
    await settle(database, [(tenant, CUSTOMERS)])
    await settle_keys(database, tenant)
    rows = await database.fetch("SELECT id FROM customers WHERE tenant_id = $1", tenant.id)
    customers = [row["id"] for row in rows]
    desk = await _begun(world, tenant, database, customers[0])
    before = await _idle(world, database)
    await desk.open(customers)
    after = await _idle(world, database)
    looks = await _looks(world, desk)
    with working(world):
        await asyncio.sleep(WARM)
        late = await _latencies(desk, desk.ids[:DUE])
        pace = await _pace(desk, desk.ids[DUE : 2 * DUE])
    by_hand = await _by_hand(world, desk, desk.ids[2 * DUE : 3 * DUE])
    await database.close()
    return table(before, after, looks, late, (by_hand, pace))


async def _begun(world: World, tenant: Tenant, database: "Database[Any]", customer: UUID) -> Desk:
    """A policy, and the first ticket under it, of which the others are copies."""
    soon = {"first_response_minutes": MINUTES, "resolution_minutes": 8 * MINUTES}
    said = {"name": "All", "is_default": True, "targets": {"normal": soon}}
    async with opened(world.settings) as house:
        ctx = operator(house, tenant)
        unit = await Staff(ctx).unit("Shop", None)
        policies = SlaPolicyService(ctx)
        policy = (await policies.create(SlaPolicyCreate.model_validate(said))).id
        named = {"requester_id": f"cus_{customer.hex}", "business_unit_id": f"bun_{unit.hex}"}
        asked = TicketCreate.model_validate({**named, "subject": "The filler leaks"})
        first = (await TicketService(ctx).create(asked)).id
        known = await policies.known(policy)
        await ctx.finish()
    assert known is not None
    ruled = Ruled(known.terms(TicketPriority.normal), AroundTheClock())
    return Desk(tenant, first, database, ruled)


async def _idle(world: World, database: "Database[Any]") -> Idle:
    with working(world) as worker:
        pids: list[int] = []
        while not pids:
            await asyncio.sleep(WARM)  # a worker that has only begun opens connections still
            pids = [row["pid"] for row in await database.fetch(BACKENDS)]
        begun = await _used(database, worker, pids)
        await asyncio.sleep(IDLE)
        ended = await _used(database, worker, pids)
    return Idle(*((now - then) * 60 / IDLE for then, now in zip(begun, ended, strict=True)))


async def _used(
    database: "Database[Any]", worker: int, pids: Sequence[int]
) -> tuple[float, float, float]:
    done = await database.fetchval(TRANSACTIONS)
    return processor_seconds(worker), processor_seconds(*pids), float(done)


async def _looks(world: World, desk: Desk) -> tuple[float, float]:
    """Milliseconds of a look for what is due where nothing is, by hand and by a worker."""
    ours, theirs = [], []
    async with opened(world.settings) as house:
        leases = Leases(house.pool, "tickets", SECONDS, ABREAST)
        for _ in range(LOOKS):
            begun = time.perf_counter()
            assert not await leases.claim(PLACES)
            between = time.perf_counter()
            await desk.database.fetch(LOOK_BY_HAND, desk.tenant.id)
            ours.append((between - begun) * 1000)
            theirs.append((time.perf_counter() - between) * 1000)
    return median(theirs), median(ours)


async def _latencies(desk: Desk, ids: Sequence[UUID]) -> list[float]:
    """Seconds from the due time until the breach is told, in their order."""
    first = datetime.now(UTC) + timedelta(seconds=WARM)
    due = await desk.let(ids, lambda n: first + timedelta(seconds=n * WITHIN / len(ids)))
    seen = await desk.seen(ids)
    return sorted(seen[id] - due[id] for id in ids)


async def _pace(desk: Desk, ids: Sequence[UUID]) -> float:
    """Tickets a second, where all are due already."""
    now = datetime.now(UTC)
    await desk.let(ids, lambda n: now)
    begun = time.time()
    return len(ids) / (max((await desk.seen(ids)).values()) - begun)


async def _by_hand(world: World, desk: Desk, ids: Sequence[UUID]) -> float:
    """The same where no worker is."""
    now = datetime.now(UTC)
    await desk.let(ids, lambda n: now)
    pool = await asyncpg.create_pool(world.owner_url, min_size=ABREAST, max_size=ABREAST)

    async def sweep() -> None:
        async with pool.acquire() as line:
            while await line.fetchval(BY_HAND, desk.tenant.id):
                pass

    async with pool:
        begun = time.perf_counter()
        await asyncio.gather(*(sweep() for _ in range(ABREAST)))
        return len(ids) / (time.perf_counter() - begun)


def table(
    before: Idle,
    after: Idle,
    looks: tuple[float, float],
    late: list[float],
    paces: tuple[float, float],
) -> str:
    lines = [f"| nothing is due, in a minute | no tickets | {OPEN:,} open |", "|---|---|---|"]
    for what, name in (
        ("seconds of the worker", "worker"),
        ("seconds of PostgreSQL for it", "database"),
        ("transactions", "transactions"),
    ):
        lines.append(f"| {what} | {getattr(before, name):,.1f} | {getattr(after, name):,.1f} |")
    lines += ["", "| | by hand | worker | ratio |", "|---|---|---|---|"]
    (hand, ours), (rate, mine) = looks, paces
    lines.append(f"| a look for what is due, ms | {hand:.2f} | {ours:.2f} | {ours / hand:.2f} |")
    lines.append(f"| tickets swept a second | {rate:,.0f} | {mine:,.0f} | {mine / rate:.2f} |")
    said = " / ".join(f"{at:.2f}" for at in (_at(late, 0.5), _at(late, 0.95), late[-1]))
    lines += ["", f"| {DUE:,} due within a minute | |", "|---|---|"]
    lines.append(f"| due time to breach, p50 / p95 / max s | {said} |")
    return "\n".join(lines)


def _at(times: list[float], share: float) -> float:
    return times[min(int(len(times) * share), len(times) - 1)]
