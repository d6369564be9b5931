"""What is due is done by one at a time, by all tenants in turn, and by another if one dies."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from crm_api.cli.unit import operator
from crm_api.kit import timers
from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.kit.crew import Crew
from crm_api.kit.leases import Leases
from crm_api.kit.timers import Lease, LeaseLost
from tests.conftest import NewTenant


@pytest.fixture
async def kind() -> str:
    return f"test {uuid4().hex}"


async def due(
    house: House, tenant: Tenant, kind: str, many: int = 1, lane: UUID | None = None, later: int = 0
) -> list[UUID]:
    ctx, ids = operator(house, tenant), [uuid4() for _ in range(many)]
    for id in ids:
        at = ctx.now + timedelta(seconds=later)
        timers.schedule(ctx, kind, id, lane or tenant.id, at)
    await ctx.finish()
    return ids


async def finish(house: House, tenant: Tenant, lease: Lease) -> None:
    ctx = operator(house, tenant)
    try:
        await timers.done(ctx, lease)
    except LeaseLost as lost:
        await ctx.work.abandon(lost)
        raise
    await ctx.finish()


async def test_what_is_rolled_back_is_never_due(
    house: House, new_tenant_: NewTenant, kind: str
) -> None:
    ctx = operator(house, await new_tenant_())
    timers.schedule(ctx, kind, uuid4(), uuid4())
    await ctx.work.rehearse()
    assert await Leases(house.pool, kind, 60, 4).claim(10) == []


async def test_many_claimers_share_what_is_due(
    house: House, new_tenant_: NewTenant, kind: str
) -> None:
    tenant = await new_tenant_()
    ids = await due(house, tenant, kind, many=100)
    leases = Leases(house.pool, kind, 60, 100)
    claimed = await asyncio.gather(*[leases.claim(7) for _ in range(20)])
    assert sorted(lease.id for some in claimed for lease in some) == sorted(ids)
    assert {lease.attempts for some in claimed for lease in some} == {1}


async def test_a_backlog_does_not_starve_another_tenant(
    house: House, new_tenant_: NewTenant, kind: str
) -> None:
    busy, quiet = await new_tenant_(), await new_tenant_()
    for _ in range(5):
        await due(house, busy, kind, many=50, lane=uuid4())
    [last] = await due(house, quiet, kind)
    claimed = await Leases(house.pool, kind, 60, 50).claim(4)
    assert last in {lease.id for lease in claimed}
    assert len(claimed) == 4


async def test_a_lane_is_not_crowded(house: House, new_tenant_: NewTenant, kind: str) -> None:
    tenant, crowded, other = await new_tenant_(), uuid4(), uuid4()
    await due(house, tenant, kind, many=20, lane=crowded)
    await due(house, tenant, kind, many=2, lane=other)
    leases = Leases(house.pool, kind, 60, 3)
    claimed = [*await leases.claim(10), *await leases.claim(10)]
    assert Counter(lease.lane for lease in claimed) == {crowded: 3, other: 2}
    await finish(house, tenant, next(one for one in claimed if one.lane == crowded))
    assert [lease.lane for lease in await leases.claim(10)] == [crowded]


async def test_who_was_killed_or_stopped_loses_the_lease_and_changes_nothing(
    house: House, new_tenant_: NewTenant, kind: str
) -> None:
    tenant = await new_tenant_()
    [id] = await due(house, tenant, kind)
    short, long = Leases(house.pool, kind, 0.05, 4), Leases(house.pool, kind, 60, 4)
    [zombie] = await short.claim(1)
    await asyncio.sleep(0.1)
    [heir] = await long.claim(1)
    assert (heir.id, heir.attempts, heir.fence) == (id, 2, zombie.fence + 1)
    assert not await short.extend(zombie)
    with pytest.raises(LeaseLost):
        await finish(house, tenant, zombie)
    await finish(house, tenant, heir)
    assert await long.claim(1) == []


async def test_work_that_waits_for_its_time_waits(
    house: House, new_tenant_: NewTenant, kind: str
) -> None:
    tenant = await new_tenant_()
    await due(house, tenant, kind, later=30)
    leases = Leases(house.pool, kind, 60, 4)
    assert await leases.claim(1) == []
    ctx = operator(house, tenant)
    await timers.hurry(ctx, 31)
    await ctx.finish()
    [lease] = await leases.claim(1)
    ctx = operator(house, tenant)
    await timers.again(ctx, lease, ctx.now + timedelta(seconds=30))
    await ctx.finish()
    assert await leases.claim(1) == []


class Worked:
    """Takes a moment for each, and remembers what it did."""

    def __init__(self, house: House, tenant: Tenant, seconds: float) -> None:
        self.house, self.tenant, self.seconds = house, tenant, seconds
        self.done: list[UUID] = []

    async def __call__(self, lease: Lease) -> None:
        await asyncio.sleep(self.seconds)
        await finish(self.house, self.tenant, lease)
        self.done.append(lease.id)


@pytest.fixture
async def tenant(new_tenant_: NewTenant) -> Tenant:
    return await new_tenant_()


async def test_a_crew_keeps_a_lease_for_as_long_as_the_work_takes(
    house: House, tenant: Tenant, kind: str
) -> None:
    ids = await due(house, tenant, kind, many=3)
    work = Worked(house, tenant, 0.5)
    crew, rival = (Crew(Leases(house.pool, kind, 0.3, 4), work, 4) for _ in range(2))
    assert await crew.turn() == 3
    await asyncio.sleep(0.4)
    assert await rival.turn() == 0
    await crew.leave()
    assert sorted(work.done) == sorted(ids)


async def test_a_crew_that_leaves_gives_back_what_it_did_not_do(
    house: House, tenant: Tenant, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_api.kit.crew.GRACE", 0.05)
    [id] = await due(house, tenant, kind)
    crew = Crew(Leases(house.pool, kind, 60, 4), Worked(house, tenant, 30), 4)
    await crew.turn()
    await crew.leave()
    [lease] = await Leases(house.pool, kind, 60, 4).claim(1)
    assert (lease.id, lease.attempts) == (id, 1)


async def test_what_fails_is_due_again_when_its_lease_ends(
    house: House, tenant: Tenant, kind: str
) -> None:
    async def poison(lease: Lease) -> None:
        raise ValueError(lease.id)

    await due(house, tenant, kind)
    leases = Leases(house.pool, kind, 0.1, 4)
    crew = Crew(leases, poison, 4)
    for attempt in (1, 2):
        assert await crew.turn() == 1, attempt
        await asyncio.sleep(0.2)
    [lease] = await leases.claim(1)
    assert lease.attempts == 3


async def test_a_clock_that_is_advanced_meets_no_claim_half_way(
    house: House, new_tenant_: NewTenant, kind: str
) -> None:
    tenant = await new_tenant_()
    for _ in range(10):
        await due(house, tenant, kind, many=200, lane=uuid4())
    leases, ends = Leases(house.pool, kind, 0.05, 50), asyncio.get_running_loop().time() + 2

    async def claims() -> None:
        while asyncio.get_running_loop().time() < ends:
            await leases.claim(300)

    async def hurries() -> None:
        while asyncio.get_running_loop().time() < ends:
            ctx = operator(house, tenant)
            await timers.hurry(ctx, 1)
            await ctx.finish()

    await asyncio.gather(claims(), claims(), hurries(), hurries())
