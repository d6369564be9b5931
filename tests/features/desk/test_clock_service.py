"""The clocks of tickets as whoever keeps tickets uses them."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.cli.unit import operator
from crm_api.features.desk.clocks.schemas import (
    SlaEventQuery,
    agent_replied,
    customer_wrote,
    moved,
)
from crm_api.features.desk.clocks.service import ClockService, Followed, Watched
from crm_api.features.desk.sla_policies.resource import SLA_POLICY
from crm_api.features.desk.sla_policies.service import SlaPolicyService
from crm_api.features.desk.terms.rules import TicketCategory, TicketPriority
from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.platform.business_units.resource import BUSINESS_UNIT
from crm_api.platform.calendars.resource import BUSINESS_CALENDAR
from tests.conftest import NewClient, NewTenant
from tests.features.pipeline.selling import unit
from tests.platform.test_calendars import SHANGHAI

from .policies import OF_VIPS, Json, act, know_tickets, policy, put

START = datetime(2026, 3, 2, 2, tzinfo=UTC)  # a Monday, ten o'clock in Shanghai
MINUTE = timedelta(minutes=1)
OPEN, NORMAL, URGENT = TicketCategory.open, TicketPriority.normal, TicketPriority.urgent


@pytest.fixture(autouse=True)
def _tickets(monkeypatch: pytest.MonkeyPatch) -> None:
    know_tickets(monkeypatch)


class Desk:
    """Keeps a ticket as the desk does: one unit of work for each thing that happens."""

    def __init__(self, house: House, tenant: Tenant) -> None:
        self.house, self.tenant, self.now = house, tenant, START
        self.ticket = Watched(uuid4(), NORMAL, None, {})
        self.kept: Followed | None = None

    async def work(self, do: Callable[[ClockService], Any]) -> Any:
        ctx = operator(self.house, self.tenant)
        ctx.now = self.now
        found = do(ClockService(ctx))
        found = await found if hasattr(found, "__await__") else found
        await ctx.finish()
        if isinstance(found, Followed):
            self.kept = found
            self.ticket = replace(self.ticket, clocks=json.loads(json.dumps(found.clocks)))
        return found

    async def begin(
        self, policy: Json | None = None, priority: TicketPriority = NORMAL
    ) -> Followed:
        known = SLA_POLICY.prefix.read(policy["id"]) if policy else None
        self.ticket = replace(self.ticket, policy_id=known, priority=priority)
        found = await self.at(0, lambda clocks: clocks.begin(self.ticket, OPEN))
        assert isinstance(found, Followed)
        return found

    async def at(self, minute: int, do: Callable[[ClockService], Any]) -> Any:
        self.now = START + minute * MINUTE
        return await self.work(do)

    async def follow(self, minute: int, *deeds: Any) -> Followed:
        found = await self.at(minute, lambda clocks: clocks.follow(self.ticket, *deeds))
        assert isinstance(found, Followed)
        return found

    async def look(self, minute: int) -> Followed:
        found = await self.at(minute, lambda c: c.pass_time(self.ticket.id, self.ticket.clocks))
        assert isinstance(found, Followed)
        return found


@pytest.fixture
async def tenant(new_tenant_: NewTenant) -> Tenant:
    return await new_tenant_()


@pytest.fixture
async def client(caller: NewClient, tenant: Tenant) -> AsyncClient:
    return await caller(tenant=tenant)


@pytest.fixture
def desk(house: House, tenant: Tenant) -> Desk:
    return Desk(house, tenant)


async def told(admin: Admin, ticket: UUID) -> list[tuple[str, str, float]]:
    rows = await admin.fetch(
        "SELECT clock, kind, at FROM sla_events WHERE ticket_id = $1 ORDER BY created_at, id",
        ticket,
    )
    return [(row["clock"], row["kind"], (row["at"] - START) / MINUTE) for row in rows]


async def test_what_became_of_clocks_is_kept_in_the_order_in_which_it_came(
    client: AsyncClient, desk: Desk, admin: Admin
) -> None:
    step = {"clock": "first_response", "at_percent": 50, "action": "notify"}
    begun = await desk.begin(await policy(client, escalations=[step]))
    assert (begun.due_at, begun.look_at) == (START + 60 * MINUTE, START + 30 * MINUTE)
    assert (await desk.look(31)).look_at == START + 60 * MINUTE
    late = await desk.look(75)
    assert (late.breached, late.due_at) == (["first_response"], START + 480 * MINUTE)
    wait = moved(TicketCategory.waiting_customer)
    assert (await desk.follow(80, agent_replied, wait)).due_at is None
    back = await desk.follow(100, customer_wrote, moved(OPEN))
    assert (back.due_at, back.breached) == (START + 220 * MINUTE, ["first_response"])
    await desk.follow(110, agent_replied, moved(TicketCategory.resolved))
    assert await told(admin, desk.ticket.id) == [
        ("first_response", "begun", 0),
        ("resolution", "begun", 0),
        ("first_response", "escalated", 30),
        ("first_response", "breached", 60),
        ("first_response", "met_late", 80),
        ("resolution", "paused", 80),
        ("resolution", "resumed", 100),
        ("next_response", "begun", 100),
        ("resolution", "met", 110),
        ("next_response", "met", 110),
    ]
    page = await desk.work(lambda c: c.history(desk.ticket.id, SlaEventQuery()))
    assert page.body.count(b'"sla_event"') == 10


async def test_who_looks_twice_tells_nothing_twice(
    client: AsyncClient, desk: Desk, admin: Admin
) -> None:
    await desk.begin(await policy(client))
    first, again = await desk.look(60), await desk.look(60)
    assert ([fact.kind for fact in first.facts], again.facts) == (["breached"], [])
    assert [kind for _, kind, _ in await told(admin, desk.ticket.id)].count("breached") == 1


async def test_the_database_refuses_a_second_breach_of_one_clock(
    client: AsyncClient, desk: Desk, admin: Admin
) -> None:
    await desk.begin(await policy(client))
    await desk.look(60)
    again = (
        "INSERT INTO sla_events (tenant_id, id, ticket_id, clock, number, kind, at, created_at) "
        "SELECT tenant_id, $2, ticket_id, clock, number, kind, at, created_at FROM sla_events "
        "WHERE ticket_id = $1 AND kind = 'breached'"
    )
    with pytest.raises(asyncpg.UniqueViolationError):
        await admin.execute(again, desk.ticket.id, uuid4())


async def test_a_policy_that_is_changed_counts_for_open_clocks_alone(
    client: AsyncClient, desk: Desk
) -> None:
    made = await policy(client)
    await desk.begin(made)
    await desk.follow(10, agent_replied)
    before = await desk.work(lambda c: c.explain(desk.ticket.clocks))
    tight = {"normal": {"first_response_minutes": 5, "resolution_minutes": 100}}
    assert (await put(client, made, targets=tight)).status_code == 200
    assert (await desk.follow(20)).due_at == START + 100 * MINUTE
    after = await desk.work(lambda c: c.explain(desk.ticket.clocks))
    assert after.clocks[0].state == "met"
    assert after.clocks[0].model_dump(exclude={"because"}) == before.clocks[0].model_dump(
        exclude={"because"}
    )
    assert (after.clocks[1].policy_version, after.clocks[1].target_seconds) == (2, 6_000)


async def test_a_calendar_that_is_changed_counts_for_what_has_gone_by_too(
    client: AsyncClient, desk: Desk
) -> None:
    calendar = (await client.post("/business-calendars", json=SHANGHAI)).json()
    made = await policy(client, calendar_id=calendar["id"])
    assert (await desk.begin(made)).due_at == START + 60 * MINUTE
    off = {"exceptions": [{"on": "2026-03-02", "name": "Flood"}]}
    await client.patch(f"/business-calendars/{calendar['id']}", json=off)
    tomorrow = datetime(2026, 3, 3, 2, tzinfo=UTC)
    assert (await desk.follow(30)).due_at == tomorrow
    shown = await desk.work(lambda c: c.explain(desk.ticket.clocks))
    assert shown.clocks[0].because[0].name == "Flood"
    assert shown.clocks[0].elapsed_seconds == 0


async def test_a_higher_priority_leaves_less_time(client: AsyncClient, desk: Desk) -> None:
    await desk.begin(await policy(client))
    desk.ticket = replace(desk.ticket, priority=URGENT)
    followed = await desk.follow(20)
    assert [fact.kind for fact in followed.facts] == ["breached", "due_moved"]
    assert followed.facts[0].at == START + 15 * MINUTE


async def test_without_a_policy_nothing_is_due_and_nothing_is_lost(
    client: AsyncClient, desk: Desk
) -> None:
    assert (await desk.begin()).look_at is None
    made = await policy(client)
    desk.ticket = replace(desk.ticket, policy_id=SLA_POLICY.prefix.read(made["id"]))
    assert (await desk.follow(30)).due_at == START + 60 * MINUTE


async def test_the_first_policy_that_fits_counts_else_the_nearest_default(
    client: AsyncClient, desk: Desk
) -> None:
    east = await unit(client, "East")
    shop = await unit(client, "Shop", parent_id=east)
    west = await unit(client, "West")

    async def named(of: str | None, *tags: str) -> str | None:
        known = BUSINESS_UNIT.prefix.read(of) if of else None
        document = {"requester": {"tags": list(tags)}}
        id = await desk.work(lambda c: c.policy_for(document, known))
        if id is None:
            return None
        where = f"/sla-policies/{SLA_POLICY.prefix.write(id)}"
        return str((await client.get(where)).json()["name"])

    assert await named(shop) is None
    vip = await named(shop, "new", "vip")
    assert vip
    await policy(client, "Group", is_default=True, position=0)
    await policy(client, "East", is_default=True, business_unit_id=east)
    assert [await named(of) for of in (shop, east, west, None)] == [
        "East",
        "East",
        "Group",
        "Group",
    ]
    assert await named(shop, "vip") == vip
    dealers = {**OF_VIPS, "value": "dealer"}
    first = await policy(client, "1", position=1, conditions=dealers, business_unit_id=east)
    await policy(client, "2", position=2, conditions=dealers)
    assert [await named(of, "dealer") for of in (shop, west)] == ["1", "2"]
    assert await named(shop, "dealer", "vip") == vip
    await act(client, first, "archive")
    assert await named(shop, "dealer") == "2"


async def test_policies_are_found_by_the_calendars_that_their_clocks_follow(
    client: AsyncClient, desk: Desk
) -> None:
    above = (await client.post("/business-calendars", json=SHANGHAI)).json()
    below = {**SHANGHAI, "inherits_id": above["id"]}
    own = (await client.post("/business-calendars", json=below)).json()
    made = await policy(client, calendar_id=own["id"])
    await policy(client)
    for calendar in (above, own):
        id = BUSINESS_CALENDAR.prefix.read(calendar["id"])
        found = await desk.work(partial(by_calendar, id))
        assert found == [SLA_POLICY.prefix.read(made["id"])]


async def by_calendar(calendar: UUID, clocks: ClockService) -> Any:
    return await SlaPolicyService(clocks.ctx).by_calendar(calendar)
