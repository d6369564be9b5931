"""Two tenants with records of every noun, and the proof that nothing has changed."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Headers, Response

from crm_api.cli.unit import new_tenant, operator
from crm_api.features.desk.ratings.jobs import crew as asking
from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from crm_api.platform.identity_providers.claims import subject_id
from crm_api.platform.identity_providers.registry import IssuerRegistry
from crm_api.platform.identity_providers.resource import SUBJECT
from crm_api.platform.jobs.crew import crew
from crm_api.platform.jobs.registry import Jobs
from crm_api.platform.jobs.run import Run
from crm_api.platform.jobs.service import JobService
from crm_api.platform.journal.sequencer import Sequencer
from crm_api.platform.organization.models import TenantKind
from crm_api.platform.organization.schemas import TenantCreate
from crm_api.platform.users.resource import USER
from crm_api.platform.webhook_deliveries.delivering import crew as deliverers
from crm_api.platform.webhook_deliveries.following import Following

from .catalogue import BEFORE, BODIES, EXTERNAL, NAMING_WRITES, OPERATIONS, Operation

KNOWN = "sap/0000104711"
WORK = Jobs()
DELIVERY, DELIVERIES = "{delivery_id}", "deliveries of the endpoint"
ACTING = "a user who acted"
UNIT, UNITS = "{business_unit_id}", "/v1/business-units"
CUSTOMERS, PROFILES, DEALS = "/v1/customers", "/v1/unit-profiles", "/v1/deals"
AFTERWARDS = (
    "createDeal",
    "createOrder",
    "createShipment",
    "createReturn",
    "createActivity",
    "createTicket",
)
"""What is put away of these names what is not."""
SPARE = re.compile("@spare (user )?(n[0-9a-f]{32})@")
SPARES = {"createBusinessUnit": 260, "createUser": 60}
AWAY = (
    "archive",
    "retire",
    "revoke",
    "end",
    "withdraw",
    "cancel",
    "discontinue",
    "reverse",
    "reject",
    "close",
)
TICKETS, MESSAGES, RATINGS = "/v1/tickets", "/v1/ticket-messages", "/v1/ratings"
RATED, NOTED = "rated ticket", "what was noted"
ORDERS, UNDER_WAY, HANDED_OVER = "/v1/orders", "order under way", "order handed over"


class Caller(AsyncClient):
    """Puts the ids of its own records where a body says `@/v1/users@`, `@another user@` or unit.

    `@spare ...@` is a business unit that nobody has named yet, `@spare user ...@` such an active
    user, the same one for the same body. A write that needs a name has one.
    """

    records: dict[str, str] = {}
    spare: Iterator[str] = iter(())
    spare_users: Iterator[str] = iter(())
    taken: dict[str, str] = {}

    async def request(self, method: str, url: Any, **said: Any) -> Response:
        for name in {"json", "content"} & said.keys():
            said[name] = self._own(said[name])
        path = str(url).partition("?")[0]
        if any(operation.is_at(method, path) for operation in NAMING_WRITES):
            said["headers"] = Headers(said.get("headers"))
            said["headers"].setdefault("idempotency-key", str(uuid4()))
        return await super().request(method, url, **said)

    def _own(self, sent: Any) -> Any:
        if isinstance(sent, bytes):
            return self._own(sent.decode("latin-1")).encode("latin-1")
        if isinstance(sent, dict | list):
            return json.loads(self._own(json.dumps(sent)))
        if isinstance(sent, str):
            for collection, id in self.records.items():
                sent = sent.replace(f"@{collection}@", id)
            sent = SPARE.sub(self._spare, sent)
        return sent

    def _spare(self, asked: re.Match[str]) -> str:
        if asked[2] not in self.taken:
            self.taken[asked[2]] = next(self.spare_users if asked[1] else self.spare)
        return self.taken[asked[2]]


@dataclass(frozen=True)
class Side:
    """One tenant: a caller who may do everything in it, and a record of each noun.

    Where a noun is found by external ids, there is one that another system knows as `KNOWN`.
    """

    tenant: Tenant
    key: str
    client: Caller
    records: dict[str, str]
    archived: dict[str, str]

    def path(self, operation: Operation, id: str | None = None) -> str:
        """The operation's path on the tenant's own record, or on another."""
        own = self.records.get(operation.collection, "")
        path = operation.path.replace("{id}", id or own).replace(EXTERNAL, KNOWN)
        path = path.replace(DELIVERY, self.records.get(DELIVERIES, ""))
        path = path.replace(UNIT, self.records[UNITS])
        return path + operation.query


@pytest.fixture(scope="module")
async def own(app: FastAPI, house: House) -> AsyncIterator[Side]:
    async with side_of(app, house, "Own") as side:
        yield side


@pytest.fixture(scope="module")
async def other(app: FastAPI, house: House) -> AsyncIterator[Side]:
    async with side_of(app, house, "Other") as side:
        yield side


@asynccontextmanager
async def side_of(
    app: FastAPI, house: House, name: str, kind: type[Caller] = Caller
) -> AsyncIterator[Side]:
    """A new tenant with records of every noun, made by a client of this kind."""
    tenant, key = await new_tenant(house, TenantCreate(name=name, kind=TenantKind.sandbox))
    transport, told = ASGITransport(app), {"Authorization": f"Bearer {key}"}
    async with AsyncExitStack() as stack:
        client = kind(transport=transport, base_url="http://test", headers=told)
        await stack.enter_async_context(client)
        await _provide(client)
        await client.post("/v1/pipelines", json={"name": "Default", "is_default": True})
        records, archived = await records_of(client), await records_of(client)
        client.records = records
        records["another user"] = (await _made(client, OPERATIONS["createUser"]))["id"]
        records["another unit"] = (await _made(client, OPERATIONS["createBusinessUnit"]))["id"]
        records["another ticket"] = (await _made(client, OPERATIONS["createTicket"]))["id"]
        records["order of another unit"] = await _under_way(client, records["another unit"])
        for creating in (OPERATIONS[name] for name in AFTERWARDS):
            archived[creating.path] = (await _made(client, creating))["id"]
        profiles = [await _profile(client, found[CUSTOMERS]) for found in (records, archived)]
        for collection in reversed([name for name in archived if name.startswith("/v1/")]):
            await put_away(client, collection, archived[collection])
        records[PROFILES], archived[PROFILES] = profiles
        for found in (records, archived):
            found[MESSAGES] = await noted(client, found[TICKETS])
        records |= await asked(house, client, records[TICKETS], days=1)
        archived |= await rated(client, records[TICKETS])
        linked = await client.post(f"{RATINGS}/{records[RATINGS]}/link")
        assert linked.status_code == 200, linked.text
        records[NOTED] = records[MESSAGES]
        await _give_a_value(client, records)
        side = Side(tenant, key, client, records, archived)
        await _known_elsewhere(side)
        for found in (records, archived):
            found["/v1/subjects"] = await _subject(house, tenant)
        records[ACTING] = await prepared(client, OPERATIONS["suspendUser"])
        user = USER.prefix.read(records[ACTING])
        records["/v1/jobs"] = await job(house, tenant, user=user, done=True)
        archived["/v1/jobs"] = await job(house, tenant)
        await client.post(f"/v1/jobs/{archived['/v1/jobs']}/cancel")
        await Sequencer(house.pool).number_all()
        await Following(house).turn()
        sending = deliverers(house)
        await sending.turn()  # to a name that leads nowhere
        await sending.leave()
        path = f"/v1/webhook-endpoints/{records['/v1/webhook-endpoints']}/deliveries"
        records[DELIVERIES] = (await client.get(path)).json()["data"][0]["id"]
        listed = (await client.get("/v1/audit-records")).json()["data"]
        for collection in ("/v1/audit-records", "/v1/events"):
            records[collection], archived[collection] = [record["id"] for record in listed[:2]]
        yield side


async def _known_elsewhere(side: Side) -> None:
    """A record of each noun that other systems know by ids of their own; nobody works with it."""
    for operation in OPERATIONS.values():
        if operation.names_an_external_id and operation.takes_body:
            made = await side.client.patch(side.path(operation), json=operation.body)
            assert made.status_code == 201, made.text


async def _subject(house: House, tenant: Tenant) -> str:
    """Somebody who was here with a token; nobody is created by a request."""
    names, registry = ("https://8.8.8.8", uuid4().hex), IssuerRegistry(house.pool)
    id = subject_id(tenant.id, *names)
    await registry.remember(tenant.id, id, names, house.clock.now())
    return SUBJECT.prefix.write(id)


async def job(house: House, tenant: Tenant, *, user: UUID | None = None, done: bool = False) -> str:
    """One that waits for a worker, or has a result."""
    ctx = operator(house, tenant)
    ctx.actor = replace(ctx.actor, user_id=user)
    made = await JobService(ctx).start(
        "test.lines", {}, file=("application/x-ndjson", "lines.ndjson")
    )
    await ctx.finish()
    if done:
        await do_once([crew(house, WORK)], asyncio.Event())
    return made.name()


@WORK.on("test.lines")
async def _lines(run: Run) -> None:
    async with run.step():
        run.write(b"{}\n")


async def _profile(client: Caller, customer: str) -> str:
    """What a unit knows about the customer."""
    place = f"{CUSTOMERS}/{customer}/unit-profiles/{client.records[UNITS]}"
    begun = await client.patch(place, json=BODIES["upsertCustomerUnitProfile"])
    assert begun.status_code == 201, begun.text
    return str(begun.json()["id"])


async def _provide(client: Caller) -> None:
    """Units and users that nothing is of yet, for those who need one of their own."""
    units, users = [await _spares(client, name) for name in SPARES]
    for id in users:
        await client.post(f"/v1/users/{id}/activate")
    client.spare, client.spare_users, client.taken = iter(units), iter(users), {}


async def _spares(client: AsyncClient, operation: str) -> list[str]:
    made = OPERATIONS[operation]
    return [(await _made(client, made))["id"] for _ in range(SPARES[operation])]


async def noted(client: AsyncClient, ticket: str) -> str:
    """Something that is said about a ticket, closed or not."""
    made = await client.post(f"{TICKETS}/{ticket}/note", json=BODIES["noteTicket"])
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def asked(
    house: House, client: AsyncClient, ticket: str, days: int = 0, **more: Any
) -> dict[str, str]:
    """That a customer is asked about another ticket, beside this one; and that ticket."""
    unit = (await client.get(f"{TICKETS}/{ticket}")).json()["business_unit_id"]
    said = {"business_unit_id": unit, "enabled": True, "fatigue_days": days}
    policy = (await client.post("/v1/rating-policies", json=said)).json()["id"]
    other = await _resolved(client, ticket, **more)
    await do_once([asking(house)], asyncio.Event())
    await client.delete(f"/v1/rating-policies/{policy}")
    (rating,) = (await client.get(RATINGS, params={"ticket_id": other})).json()["data"]
    assert rating["state"] == "sent", rating
    return {RATINGS: rating["id"], RATED: other}


async def _resolved(client: AsyncClient, ticket: str, **more: Any) -> str:
    """Another one, of the same customer in the same unit."""
    beside = (await client.get(f"{TICKETS}/{ticket}")).json()
    said = {name: beside[name] for name in ("requester_id", "business_unit_id", "subject")}
    other = (await client.post(TICKETS, json={**said, **more})).json()["id"]
    await client.post(f"{TICKETS}/{other}/resolve", json={})
    return str(other)


async def rated(client: AsyncClient, ticket: str, **more: Any) -> dict[str, str]:
    """What a customer says about another ticket, beside this one; and that ticket."""
    other = await _resolved(client, ticket, **more)
    made = await client.post(f"{TICKETS}/{other}/rate", json=BODIES["rateTicket"])
    assert made.status_code == 201, made.text
    return {RATINGS: made.json()["id"], RATED: other}


async def records_of(client: Caller) -> dict[str, str]:
    """A new record in every collection that can be created in, by the collection's path; each may
    name those before it."""
    client.records = records = {}
    for operation in OPERATIONS.values():
        if operation.id.startswith("create"):
            records[operation.path] = (await _made(client, operation))["id"]
        if operation.id == "createOrder":
            records[UNDER_WAY], records[HANDED_OVER] = [await _under_way(client) for _ in range(2)]
            await _hand_over(client, records[HANDED_OVER])
    return records


async def _made(client: AsyncClient, operation: Operation) -> dict[str, Any]:
    response = await client.post(operation.path, json=operation.body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


async def _under_way(client: AsyncClient, unit: str = f"@{UNITS}@") -> str:
    """An order that can be shipped and paid."""
    said = {"status": "confirmed", "business_unit_id": unit}
    made = await client.post(ORDERS, json={**OPERATIONS["createOrder"].body, **said})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def _hand_over(client: AsyncClient, order: str) -> None:
    """The customer has all of it, and may give it back."""
    done = await client.post(f"{ORDERS}/{order}/complete")
    assert done.status_code == 200, done.text


async def _give_a_value(client: AsyncClient, records: dict[str, str]) -> None:
    """What a customer is found by in a field that the tenant has defined."""
    field = await client.get(f"/v1/custom-fields/{records['/v1/custom-fields']}")
    customer = f"/v1/customers/{records['/v1/customers']}"
    given = await client.patch(customer, json={"custom": {field.json()["key"]: "x"}})
    assert given.status_code == 200, given.text


async def prepared(client: Caller, operation: Operation) -> str:
    """A new record on which the operation works."""
    creating = {o.path: o for o in OPERATIONS.values() if o.id.startswith("create")}
    id = str((await _made(client, creating[operation.collection]))["id"])
    for step in (OPERATIONS[name] for name in BEFORE[operation.id]):
        path = step.path.replace("{id}", id).replace(UNIT, client.records[UNITS])
        done = await client.request(step.method, path, json=step.body, headers=step.headers)
        assert done.is_success, done.text
        if step.id == "noteTicket":
            client.records[NOTED] = str(done.json()["id"])
    return id


async def put_away(client: AsyncClient, collection: str, id: str) -> None:
    """Archive, retire, revoke, end, cancel or reverse a record, or delete it where the noun knows
    none."""
    known = {operation.path: operation for operation in OPERATIONS.values()}
    places = (f"{collection}/{{id}}/{verb}" for verb in AWAY)
    ways = [known[place] for place in places if place in known]
    method, path, body = ("POST", ways[0].path, ways[0].body) if ways else ("DELETE", "", None)
    for step in (OPERATIONS[name] for way in ways[:1] for name in BEFORE.get(way.id, ())):
        await client.post(step.path.replace("{id}", id), json=step.body)
    place = path.replace("{id}", id) or f"{collection}/{id}"
    response = await client.request(method, place, json=body)
    assert response.is_success, response.text
