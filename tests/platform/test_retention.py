"""Events are kept by months: made ahead, dropped when they are old enough, and never before."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from asyncpg import Connection as Admin
from asyncpg import InsufficientPrivilegeError, PostgresError
from httpx import AsyncClient

from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.kit.ids import uuid7
from crm_api.platform.audit.registry import AuditRegistry
from crm_api.platform.journal.rules import Place
from crm_api.platform.journal.sequencer import Sequencer
from crm_api.platform.upkeep.months import Months
from tests.conftest import NewClient, NewTenant
from tests.features.test_customers import create, refused

from .test_events import events

Moved = Callable[[Tenant, int], Awaitable[list[UUID]]]
DAYS = 200
OLD = datetime.now(UTC) - timedelta(days=DAYS + 70)
# The first partition takes whatever is older than the migration: an old month is split off it.
SPLIT = """
DO $$
DECLARE
  now_ text := (SELECT to_char(min(m), 'YYYY_MM') FROM journal_months() m);
  past text := to_char(timestamp '{at}', 'YYYY_MM');
  first uuid := journal_first_id(date_trunc('month', timestamp '{at}') + interval '1 month');
  last uuid := journal_first_id(to_date(now_, 'YYYY_MM') + interval '1 month');
  parent text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['events', 'event_values'] LOOP
    EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', parent, parent || '_' || now_);
    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (MINVALUE) TO (%L)',
      parent || '_' || past, parent, first);
    EXECUTE format('ALTER TABLE %I OWNER TO crm_owner', parent || '_' || past);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
      parent, parent || '_' || now_, first, last);
  END LOOP;
END $$"""
MONTHS = "SELECT to_char(m, 'YYYY-MM') FROM journal_months() m ORDER BY m"
EVENTS = "SELECT id FROM events WHERE tenant_id = $1 ORDER BY created_at, id LIMIT $2"
AGE = """
WITH aged AS (UPDATE events SET id = $3, created_at = $4 WHERE tenant_id = $1 AND id = $2)
UPDATE event_values SET event_id = $3 WHERE tenant_id = $1 AND event_id = $2"""


@pytest.fixture(scope="module", autouse=True)
async def an_old_month(admin: "Admin[Any]") -> None:
    await admin.execute(SPLIT.format(at=OLD.replace(tzinfo=None)))


@pytest.fixture
async def tenant(new_tenant_: NewTenant) -> Tenant:
    return await new_tenant_()


@pytest.fixture
async def client(caller: NewClient, tenant: Tenant) -> AsyncClient:
    return await caller(tenant=tenant)


async def aged(admin: "Admin[Any]", tenant: Tenant, number: int) -> list[UUID]:
    """The first events of a tenant happened long ago; they have no numbers yet."""
    ids = []
    for n, row in enumerate(await admin.fetch(EVENTS, tenant.id, number)):
        at = (OLD + timedelta(seconds=n)).replace(microsecond=0)
        ids.append(uuid7(at))
        await admin.execute(AGE, tenant.id, row["id"], ids[-1], at)
    return ids


async def number(house: House) -> None:
    while await Sequencer(house.pool).number_all():
        pass


async def test_the_oldest_month_goes_whole_and_the_chain_goes_on_behind_it(
    house: House, client: AsyncClient, tenant: Tenant, admin: "Admin[Any]"
) -> None:
    for name in "abcdef":
        await create(client, name=name)
    old = await aged(admin, tenant, 4)
    await number(house)
    audit = AuditRegistry(house)
    before = await audit.verify(tenant.id)
    rows = await admin.fetch(
        "SELECT sequence, hash FROM events WHERE tenant_id = $1 ORDER BY sequence", tenant.id
    )
    outside = [Place(row["sequence"], row["hash"]) for row in rows]
    assert (before.wrong, before.cut, before.verified) == (None, 0, 9)
    kept = await events(client)
    months = Months(replace(house, audit_days=DAYS))
    assert await months.turn() == 1
    assert await months.turn() == 0, "nothing else is old enough"
    after = await audit.verify(tenant.id)
    assert (after.wrong, after.cut, after.verified) == (None, 4, 5)
    assert await events(client) == kept, "the feed goes back less than the audit"
    refused(
        await client.get("/events", params={"after": f"evt_{old[0].hex}"}), 410, "event-expired"
    )
    told = (await client.get("/audit-records")).json()["data"]
    assert [record["sequence"] for record in told] == [9, 8, 7, 6, 5]
    assert await audit.compare(tenant.id, outside) is None
    forged = [Place(4, bytes(32)), *outside]
    wrong = await audit.compare(tenant.id, forged)
    assert wrong is not None
    assert wrong.sequence == 4
    await create(client, name="g")
    await number(house)
    assert (await audit.verify(tenant.id)).verified == 6
    await admin.execute("UPDATE events SET type = 'customer.x' WHERE sequence = 6")
    found = (await audit.verify(tenant.id)).wrong
    assert found is not None
    assert found.sequence == 6


async def test_a_quiet_tenant_whose_events_are_all_gone_goes_on_counting(
    house: House, client: AsyncClient, tenant: Tenant, admin: "Admin[Any]"
) -> None:
    await admin.execute(SPLIT.format(at=OLD.replace(tzinfo=None)))
    assert len(await aged(admin, tenant, 9)) == 3
    await number(house)
    assert await Months(replace(house, audit_days=DAYS)).turn() == 1
    assert await admin.fetchval("SELECT count(*) FROM events WHERE tenant_id = $1", tenant.id) == 0
    assert (await AuditRegistry(house).verify(tenant.id)).wrong is None
    await create(client)
    await number(house)
    (event,) = await events(client)
    assert event["sequence"] == 4
    assert (await AuditRegistry(house).verify(tenant.id)).verified == 1


async def test_what_is_not_chained_yet_is_not_dropped(
    house: House, client: AsyncClient, tenant: Tenant, admin: "Admin[Any]"
) -> None:
    await admin.execute(SPLIT.format(at=OLD.replace(tzinfo=None)))
    old = await aged(admin, tenant, 1)
    months = Months(replace(house, audit_days=DAYS))
    assert await months.turn() == 0
    assert await admin.fetchval("SELECT count(*) FROM events WHERE id = $1", old[0]) == 1
    await number(house)
    assert await months.turn() == 1


async def test_months_wait_while_the_journal_is_read_for_long_and_nobody_waits_for_them(
    house: House, client: AsyncClient, admin: "Admin[Any]"
) -> None:
    await admin.execute(SPLIT.format(at=OLD.replace(tzinfo=None)))
    await number(house)
    months, before = Months(replace(house, audit_days=DAYS)), await admin.fetch(MONTHS)
    async with admin.transaction():
        await admin.execute("LOCK TABLE events IN ACCESS SHARE MODE")  # as pg_dump does
        turn = asyncio.create_task(months.turn())
        begun = monotonic()
        await create(client)
        assert monotonic() - begun < 2
        assert await turn == 0
    assert await admin.fetch(MONTHS) == before
    assert await months.turn() == 1


@pytest.mark.parametrize("days", [179, 0, -1, None])
async def test_nothing_younger_than_half_a_year_is_dropped_whoever_asks(
    house: House, admin: "Admin[Any]", days: int | None
) -> None:
    before = await admin.fetch(MONTHS)
    async with house.pool.line() as line:
        with pytest.raises(PostgresError, match="180 days"):
            await line.driver.fetchval("SELECT drop_journal_month($1)", days)
    assert await admin.fetch(MONTHS) == before


async def test_the_app_says_of_nothing_that_it_was_dropped(house: House, tenant: Tenant) -> None:
    forging = (
        "INSERT INTO audit_checkpoints (tenant_id, sequence, hash, created_at, cut_at) "
        "VALUES ($1, 1, '', now(), now())"
    )
    async with house.pool.line() as line, line.driver.transaction():
        await line.driver.execute("SELECT set_config('app.tenant', $1, true)", str(tenant.id))
        with pytest.raises(InsufficientPrivilegeError):
            await line.driver.execute(forging, tenant.id)


async def test_months_are_made_ahead_and_what_comes_too_early_is_kept_all_the_same(
    house: House, tenant: Tenant, admin: "Admin[Any]"
) -> None:
    months = [row[0] for row in await admin.fetch(MONTHS)]
    ahead = uuid7(datetime.now(UTC) + timedelta(days=5 * 31))
    await admin.execute(
        "INSERT INTO events (tenant_id, id, type, object_id, version, actor_id, request_id, "
        "created_at) VALUES ($1, $2, 'tenant.updated', $1, 1, $1, 'req', now())",
        tenant.id,
        ahead,
    )
    kept = "SELECT tableoid::regclass::text FROM events WHERE id = $1"
    assert await admin.fetchval(kept, ahead) == "events_rest"
    async with house.pool.line() as line:
        assert await line.driver.fetchval("SELECT add_journal_months(7)") == 3
    made = [row[0] for row in await admin.fetch(MONTHS)][len(months) :]
    assert len(made) == 3, "the month of the early event stays where it is"
    assert await admin.fetchval(kept, ahead) == "events_rest"
