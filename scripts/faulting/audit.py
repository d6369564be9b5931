"""The journal after all that: every tenant's events numbered 1 to n, though the sequencer died."""

import asyncio

from crm_api.cli.unit import opened
from crm_api.platform.audit.registry import AuditRegistry
from crm_api.platform.organization.registry import TenantRegistry

from .callers import load
from .database import Database
from .parts import Part
from .processes import begin, ended
from .product import settings_of, work
from .world import World

KILLS, WRITERS, PAUSE = 10, 4, 0.05
NUMBERED = """
SELECT tenant_id, count(*) AS events, count(sequence) AS numbered,
  count(DISTINCT sequence) AS numbers, min(sequence) AS first, max(sequence) AS last
FROM events GROUP BY tenant_id"""


async def run(world: World) -> Part:
    """Writers go on while the worker is killed; then one that is left in peace ends the work."""
    part, stage = Part("audit"), await world.stage("audit")
    kills = world.plan.times(KILLS, 3)
    async with stage.caller.at(world.servers) as caller:
        await stage.some_records()
        async with load(caller, stage.requests, WRITERS, PAUSE):
            for _ in range(kills):
                await _kill(world.database, caller.random.uniform(0, 0.5))
    left = begin(work, world.database.app_url(), True)
    await ended(left)
    if left.exitcode:
        part.found.add("refused", f"worker --once ended with {left.exitcode}")
    part.found.join(await stage.verdict())
    part.did("kill -9 of the worker", kills)
    await _check(world.database, part)
    await _verify(world.database, part)
    return part


async def _kill(database: Database, seconds: float) -> None:
    """Soon after the worker has begun to number."""
    worker = begin(work, database.app_url(), False)
    await _some_numbered(database)
    await asyncio.sleep(seconds)
    worker.kill()
    await ended(worker)


async def _some_numbered(database: Database) -> None:
    owner = await database.connect()
    before = await owner.fetchval("SELECT count(sequence) FROM events")
    for _ in range(400):
        if await owner.fetchval("SELECT count(sequence) FROM events") > before:
            break
        await asyncio.sleep(0.05)
    await owner.close()


async def _check(database: Database, part: Part) -> None:
    owner = await database.connect()
    tenants = await owner.fetch(NUMBERED)
    await owner.close()
    for row in tenants:
        count = row["events"]
        if [*row.values()][2:] != [count, count, 1, count]:
            part.found.add("gaps", f"journal of a tenant: {dict(row)}")
    part.did("tenants, each numbered 1 to n", len(tenants))
    part.did("events", sum(row["events"] for row in tenants))


async def _verify(database: Database, part: Part) -> None:
    """What `crm-api audit verify` does."""
    verified = 0
    async with opened(settings_of(database.app_url())) as house:
        for tenant in await TenantRegistry(house).list():
            verdict = await AuditRegistry(house).verify(tenant.tenant_id)
            verified += verdict.verified
            if verdict.wrong is not None:
                part.found.add("torn", f"chain of a tenant: {verdict.wrong}")
    part.did("events whose chain holds", verified)
