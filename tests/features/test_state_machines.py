"""In each state each verb is tried: it leads where the machine says, and else nowhere."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from httpx import AsyncClient, Response

from crm_api.cli.unit import operator
from crm_api.features.sharing.access_grants.jobs import crew as ending_grants
from crm_api.features.sharing.access_requests.jobs import crew as ending_requests
from crm_api.features.trade.orders.resource import ORDER
from crm_api.features.trade.steps.service import StepService
from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from crm_api.settings import Settings
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.grouping import made
from tests.providing import trusted_provider

from .test_customers import refused
from .trade.fulfilling import once, some
from .trade.ordering import counter, line

Json = dict[str, Any]
Way = Json
DAY = 86_400
ANYBODY = {"kind": "person", "name": "王芳"}


class Life:
    """Records of one noun, and what becomes of them by the verbs of its machine.

    A verb that is `beside` does more than to lead to a state: it may be called in others too, and
    leaves them as they are. `narrow` is a state that leads only back to where it came from.
    """

    noun = ""
    beside: frozenset[str] = frozenset()
    narrow = ""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client
        self.machine: Json = {}

    async def begin(self) -> str:
        """The address of a new record."""
        raise NotImplementedError

    def body(self, verb: str, to: str) -> Json | None:
        return None

    async def wait(self, place: str) -> None:
        """Until what comes about without an operation has come about."""
        raise NotImplementedError

    async def learn(self) -> None:
        told = await self.client.get("/state-machines", params={"resource": self.noun})
        (self.machine,) = told.json()["machines"]

    async def call(self, place: str, verb: str, to: str) -> Response:
        return await self.client.post(f"{place}/{verb}", json=self.body(verb, to))

    async def state(self, place: str) -> str:
        return str((await self.client.get(place)).json()[self.machine["field"]])

    async def go(self, place: str, ways: list[Way]) -> None:
        for way in ways:
            if way["verb"] is None:
                await self.wait(place)
            else:
                answer = await self.call(place, way["verb"], way["to"])
                assert answer.status_code == 200, answer.text
            assert await self.state(place) == way["to"]

    def after(self, state: str, ways: list[Way]) -> list[str]:
        """The states that may follow for a record that came by these ways."""
        if state == self.narrow:
            return [ways[-1]["from"]]
        found = (one["to"] for one in self.machine["transitions"] if one["from"] == state)
        return list(dict.fromkeys(found))

    def histories(self) -> Iterator[list[Way]]:
        """None, and a short one that ends with each transition."""
        yield []
        for way in self.machine["transitions"]:
            if way["from"] == self.narrow:
                yield [
                    *self.shortest(way["to"]),
                    {**way, "from": way["to"], "to": self.narrow},
                    way,
                ]
            else:
                yield [*self.shortest(way["from"]), way]

    def shortest(self, state: str) -> list[Way]:
        known: dict[str, list[Way]] = {self.machine["initial"]: []}
        while state not in known:
            for way in self.machine["transitions"]:
                if way["from"] in known and way["to"] not in known:
                    known[way["to"]] = [*known[way["from"]], way]
        return known[state]

    def misses(self, state: str, after: list[str]) -> Iterator[tuple[str, str]]:
        """Each verb that does not lead on from a state; `move` with each state to go to."""
        ways = self.machine["transitions"]
        led = {(one["verb"], one["to"]) for one in ways if one["from"] == state}
        tried = dict.fromkeys((one["verb"], one["to"]) for one in ways if one["verb"])
        if ("move", self.machine["initial"]) in tried:
            tried = dict.fromkeys(("move", one["value"]) for one in self.machine["states"])
        yield from (one for one in tried if one not in led or one[1] not in after)


class Archived(Life):
    """What is archived and restored, and no more."""

    names = count()

    def __init__(self, client: AsyncClient, noun: str, said: Json) -> None:
        super().__init__(client)
        self.noun, self.said = noun, said

    async def begin(self) -> str:
        place = f"/{self.noun.replace('_', '-')}"
        record = await made(self.client, place, {"name": f"No. {next(self.names)}", **self.said})
        return f"{place}/{record['id']}"


class Customers(Life):
    noun = "customers"
    numbers = count()

    async def begin(self) -> str:
        self.upsert = f"/customers/external/erp/{next(self.numbers)}"
        answer = await self.client.patch(self.upsert, json=ANYBODY)
        assert answer.status_code == 201, answer.text
        return f"/customers/{answer.json()['id']}"

    async def wait(self, place: str) -> None:
        assert (await self.client.patch(self.upsert, json=ANYBODY)).status_code == 200


class Users(Life):
    noun = "users"
    beside = frozenset({"link"})
    subjects = count()

    def __init__(self, client: AsyncClient, provider: str) -> None:
        super().__init__(client)
        self.provider = provider

    async def begin(self) -> str:
        return f"/users/{(await made(self.client, '/users', {'name': 'Hans'}))['id']}"

    def body(self, verb: str, to: str) -> Json | None:
        said = {"identity_provider_id": self.provider, "subject": f"s-{next(self.subjects)}"}
        return said if verb == "link" else None


class Agents(Life):
    """Who are live or archived, and there or not."""

    noun = "agents"

    def __init__(self, client: AsyncClient, field: str) -> None:
        super().__init__(client)
        self.field = field

    async def learn(self) -> None:
        told = await self.client.get("/state-machines", params={"resource": self.noun})
        found = {one["field"]: one for one in told.json()["machines"]}
        assert found.keys() == {"state", "presence"}
        self.machine = found[self.field]

    async def begin(self) -> str:
        user = (await made(self.client, "/users", {"name": "Hans"}))["id"]
        await made(self.client, f"/users/{user}/activate", None, 200)
        return f"/agents/{(await made(self.client, '/agents', {'user_id': user}))['id']}"

    async def wait(self, place: str) -> None:
        user = (await self.client.get(place)).json()["user_id"]
        await made(self.client, f"/users/{user}/suspend", None, 200)


class Sharing(Life):
    """Where a time may be over."""

    def __init__(self, client: AsyncClient, house: House) -> None:
        super().__init__(client)
        self.house = house

    async def begin(self) -> str:
        customer, unit = await met(self.client)
        said = {"customer_id": customer, "business_unit_id": unit, **(await self.terms())}
        place = f"/{self.noun.replace('_', '-')}"
        return f"{place}/{(await made(self.client, place, said))['id']}"

    async def terms(self) -> Json:
        return {"reason": "Joint tender"}

    def body(self, verb: str, to: str) -> Json | None:
        return {"withdraw": None, "approve": {}}.get(verb, {"reason": "No"})

    async def wait(self, place: str) -> None:
        advanced = await self.client.post("/sandbox/clock/advance", json={"seconds": 31 * DAY})
        assert advanced.status_code == 200, advanced.text
        await do_once([ending_grants(self.house), ending_requests(self.house)], asyncio.Event())


class AccessRequests(Sharing):
    noun = "access_requests"


class AccessGrants(Sharing):
    noun = "access_grants"

    async def terms(self) -> Json:
        now = datetime.fromisoformat((await self.client.get("/sandbox/clock")).json()["now"])
        return {"level": "read", "until": (now + timedelta(days=30)).isoformat()}


class UnitProfiles(Life):
    noun = "unit_profiles"
    narrow = "blocked"

    async def begin(self) -> str:
        place = "/customers/{}/unit-profiles/{}".format(*await met(self.client))
        assert (await self.client.patch(place, json={})).status_code == 201
        return place

    def body(self, verb: str, to: str) -> Json | None:
        return {"to": to}


class Products(Life):
    noun = "products"
    numbers = count()

    async def begin(self) -> str:
        said = {"sku": f"P-{next(self.numbers)}", "name": "Machine", "status": "draft"}
        return f"/products/{(await made(self.client, '/products', said))['id']}"


class Fulfilment(Life):
    """Of an order of which there is enough; goods move once."""

    order = ""

    async def sell(self) -> None:
        ordering = await counter(self.client)
        order = await ordering.order(line(quantity="1000"), status="confirmed")
        self.order = (await ordering.acted(order, "complete"))["id"]

    async def begin(self) -> str:
        if not self.order:
            await self.sell()
        said = {"order_id": self.order, "lines": some("1")}
        return f"/{self.noun}/{(await made(self.client, f'/{self.noun}', said))['id']}"

    async def call(self, place: str, verb: str, to: str) -> Response:
        headers = once() if verb in ("ship", "receive") else {}
        body = self.body(verb, to)
        return await self.client.post(f"{place}/{verb}", json=body, headers=headers)


class Shipments(Fulfilment):
    noun = "shipments"

    def body(self, verb: str, to: str) -> Json | None:
        said: Json = {"accept": {}, "refuse": {"reason": "No"}, "fail": {"reason": "No"}}
        return said.get(verb)


class Returns(Fulfilment):
    noun = "returns"

    def body(self, verb: str, to: str) -> Json | None:
        some_of_it: Json = {"lines": some("0.001")} if to == "partially_received" else {}
        return some_of_it if verb == "receive" else {"reject": {"reason": "No"}}.get(verb)


class Orders(Life):
    noun = "orders"

    def __init__(self, client: AsyncClient, house: House, tenant: Tenant) -> None:
        super().__init__(client)
        self.house, self.tenant = house, tenant

    async def begin(self) -> str:
        customer, unit = await met(self.client)
        price = {"amount": "1", "currency": "CNY"}
        lines = [{"name": "Machine", "unit_price": price}]
        said = {"customer_id": customer, "business_unit_id": unit, "lines": lines}
        return f"/orders/{(await made(self.client, '/orders', said))['id']}"

    def body(self, verb: str, to: str) -> Json | None:
        return {"reason": "Ordered twice"} if verb == "cancel" else None

    async def wait(self, place: str) -> None:
        """What left comes back, so that the order may still be cancelled."""
        id = ORDER.prefix.read(place.rpartition("/")[2])
        for step in (StepService.ship, StepService.bring_back):
            ctx = operator(self.house, self.tenant)
            await step(StepService(ctx), id, {1: Decimal(1)})
            await ctx.finish()


class Receipts(Life):
    noun = "receipts"

    async def begin(self) -> str:
        customer, unit = await met(self.client)
        of = {"customer_id": customer, "business_unit_id": unit, "method": "bank"}
        body = {**of, "amount": {"amount": "100", "currency": "CNY"}}
        written = await self.client.post("/receipts", json=body, headers=once())
        return f"/receipts/{written.json()['id']}"

    def body(self, verb: str, to: str) -> Json | None:
        return {"reason": "It bounced"} if verb == "reverse" else None

    async def call(self, place: str, verb: str, to: str) -> Response:
        body = self.body(verb, to)
        return await self.client.post(f"{place}/{verb}", json=body, headers=once())


class Tickets(Life):
    noun = "tickets"

    async def begin(self) -> str:
        customer, unit = await met(self.client)
        said = {"requester_id": customer, "business_unit_id": unit, "subject": "It leaks"}
        self.other = (await made(self.client, "/tickets", said))["id"]
        return f"/tickets/{(await made(self.client, '/tickets', said))['id']}"

    def body(self, verb: str, to: str) -> Json | None:
        awaited = {"awaited": to.removeprefix("waiting_")} if to.startswith("waiting") else {}
        until = {"until": "2099-01-01T00:00:00Z"} if verb == "snooze" else {}
        into = {"into_id": self.other} if verb == "merge" else {}
        return {**awaited, **until, **into}

    async def wait(self, place: str) -> None:
        written = await self.client.post(f"{place}/receive", json={"text": "It leaks again"})
        assert written.status_code == 201, written.text


async def met(client: AsyncClient) -> tuple[str, str]:
    """A new customer, and a new unit."""
    customer = await made(client, "/customers", ANYBODY)
    unit = await made(client, "/business-units", {"name": "Shop", "kind": "shop"})
    return customer["id"], unit["id"]


async def lives(life: Life, nothing_changes: Unchanged) -> None:
    """Every way is gone, and at its end each verb is tried that does not lead on."""
    await life.learn()
    reached = set()
    for ways in life.histories():
        place = await life.begin()
        assert await life.state(place) == life.machine["initial"]
        await life.go(place, ways)
        state = await life.state(place)
        reached.add(state)
        after = life.after(state, ways)
        for verb, to in life.misses(state, after):
            if verb in life.beside:
                assert (await life.call(place, verb, to)).status_code in (200, 409)
                assert await life.state(place) == state
                continue
            async with nothing_changes():
                answer = await life.call(place, verb, to)
            problem = refused(answer, 409, "invalid-transition")
            assert (problem["current"], problem["allowed"]) == (state, after)
    assert reached == {one["value"] for one in life.machine["states"]}


@pytest.mark.parametrize(
    ("noun", "said"),
    [
        ("teams", {}),
        ("queues", {}),
        ("legal_entities", {"country": "DE"}),
        ("business_units", {"kind": "shop"}),
        ("ticket_statuses", {"category": "open"}),
        ("roles", {"permissions": [{"scope": "customers:read", "reach": "own"}]}),
        ("sla_policies", {"targets": {}}),
        ("channels", {"kind": "web_form"}),
        ("macros", {"actions": {"priority": "high"}}),
    ],
)
async def test_what_is_archived_is_restored_and_nothing_else(
    client: AsyncClient, nothing_changes: Unchanged, noun: str, said: Json
) -> None:
    await lives(Archived(client, noun, said), nothing_changes)


async def test_customers_come_back_when_another_system_sends_them(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    await lives(Customers(client), nothing_changes)


async def test_users_go_the_ways_of_their_machine_and_no_others(
    settings: Settings, nothing_changes: Unchanged
) -> None:
    async with trusted_provider(settings) as trust:
        await lives(Users(trust.admin, trust.record["id"]), nothing_changes)


@pytest.mark.parametrize("field", ["state", "presence"])
async def test_agents_come_and_go(
    client: AsyncClient, nothing_changes: Unchanged, field: str
) -> None:
    await lives(Agents(client, field), nothing_changes)


@pytest.mark.parametrize("noun", [AccessRequests, AccessGrants])
async def test_what_is_asked_for_and_given_ends_once(
    client: AsyncClient, house: House, nothing_changes: Unchanged, noun: type[Sharing]
) -> None:
    await lives(noun(client, house), nothing_changes)


async def test_profiles_go_the_ways_of_their_machine_and_back_from_blocked(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    await lives(UnitProfiles(client), nothing_changes)


async def test_products_come_on_sale_and_go_off_again(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    await lives(Products(client), nothing_changes)


@pytest.mark.parametrize("noun", [Shipments, Returns])
async def test_what_is_sent_and_comes_back_goes_the_ways_of_its_machine(
    client: AsyncClient, nothing_changes: Unchanged, noun: type[Fulfilment]
) -> None:
    await lives(noun(client), nothing_changes)


async def test_orders_go_on_until_they_are_completed_or_cancelled(
    caller: NewClient, house: House, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    await lives(Orders(await caller(tenant=tenant), house, tenant), nothing_changes)


async def test_receipts_are_confirmed_and_taken_back(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    await lives(Receipts(client), nothing_changes)


async def test_tickets_wait_and_go_on_until_they_are_closed(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    await lives(Tickets(client), nothing_changes)
