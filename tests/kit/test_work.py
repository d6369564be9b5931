"""What a unit of work promises: all or nothing, once, in this tenant, whatever breaks."""

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from asyncpg import Connection as Admin
from fastapi import FastAPI
from httpx import AsyncClient

from crm_api.cli.unit import operator
from crm_api.features.customers.events import CustomerCreated
from crm_api.features.customers.schemas import PersonCreate
from crm_api.features.customers.service import CustomerService
from crm_api.kit.context import Context, House
from crm_api.kit.errors import PreconditionRequired
from crm_api.kit.events import Cause
from crm_api.kit.http import versions
from crm_api.kit.ids import uuid7
from crm_api.settings import Settings
from scripts.faulting.isolation import CONNECTIONS, REQUESTS, disturbed
from tests.conftest import NewTenant
from tests.features.test_customers import create, refused
from tests.platform.test_access import forget
from tests.serving import applications

KILL = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
)
COUNTS = "SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM events)"


async def test_one_of_many_that_saw_the_same_version_wins(client: AsyncClient) -> None:
    for _ in range(5):
        path = f"/customers/{(await create(client))['id']}"
        names = [f"name {n}" for n in range(20)]
        match = {"If-Match": '"1"'}
        answers = await asyncio.gather(
            *(client.patch(path, json={"name": name}, headers=match) for name in names)
        )
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [200] + [412] * 19
        winner = next(answer for answer in answers if answer.status_code == 200)
        assert (await client.get(path)).content == winner.content


async def test_tags_added_at_once_are_all_there(client: AsyncClient) -> None:
    path = f"/customers/{(await create(client))['id']}"
    tags = [f"t{n}" for n in range(20)]
    answers = await asyncio.gather(
        *(client.post(f"{path}/add-tags", json={"tags": [tag]}) for tag in tags)
    )
    assert {answer.status_code for answer in answers} == {200}
    after = (await client.get(path)).json()
    assert (set(after["tags"]), after["version"]) == (set(tags), 21)


async def test_one_external_id_makes_one_customer_however_many_send_it(
    client: AsyncClient, admin: "Admin[Any]"
) -> None:
    before = await admin.fetchrow(COUNTS)
    body = {"kind": "person", "name": "Once", "external_ids": {"sap": "42"}}
    answers = await asyncio.gather(*(client.post("/customers", json=body) for _ in range(30)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 29
    assert await admin.fetchrow(COUNTS) == tuple(n + 1 for n in before or ())


async def test_two_parents_cannot_meet_in_a_circle(client: AsyncClient) -> None:
    for _ in range(5):
        a = await create(client, kind="organization", name="A")
        b = await create(client, kind="organization", name="B")
        answers = await asyncio.gather(
            client.patch(f"/customers/{a['id']}", json={"parent_id": b["id"]}),
            client.patch(f"/customers/{b['id']}", json={"parent_id": a["id"]}),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 422]


async def test_a_handler_reads_what_is_not_yet_committed(house: House, client: AsyncClient) -> None:
    seen: list[str] = []

    async def look(ctx: Context, event: CustomerCreated) -> None:
        seen.append((await CustomerService(ctx).get(event.object_id)).value.name)

    handlers = house.subscriptions._handlers[CustomerCreated]
    handlers.append(look)
    try:
        made = await client.post("/customers", json={"kind": "person", "name": "Ada"})
    finally:
        handlers.remove(look)
    assert (made.status_code, seen) == (201, ["Ada"])
    assert (await client.get(made.headers["location"][3:])).content == made.content


async def test_a_handlers_deed_names_its_cause(
    house: House, client: AsyncClient, admin: "Admin[Any]"
) -> None:
    async def clone(ctx: Context, event: CustomerCreated) -> None:
        if (
            ctx.cause == Cause(event.id, 0)
            and (await CustomerService(ctx).get(event.object_id)).value.name == "Ada"
        ):
            await CustomerService(ctx).create(PersonCreate(kind="person", name="Clone"))

    handlers = house.subscriptions._handlers[CustomerCreated]
    handlers.append(clone)
    try:
        made = await client.post("/customers", json={"kind": "person", "name": "Ada"})
    finally:
        handlers.remove(clone)
    assert made.json()["name"] == "Ada"
    rows = await admin.fetch(
        "SELECT id, causation_id, data::json->>'name' AS name FROM events JOIN event_values "
        "ON event_id = id WHERE request_id = $1 ORDER BY id",
        made.headers["request-id"],
    )
    assert [(row["name"], row["causation_id"]) for row in rows] == [
        ("Ada", None),
        ("Clone", rows[0]["id"]),
    ]


async def test_a_failing_handler_undoes_everything(
    house: House, client: AsyncClient, admin: "Admin[Any]"
) -> None:
    before = await admin.fetchrow(COUNTS)

    async def fail(ctx: Context, event: CustomerCreated) -> None:
        await CustomerService(ctx).get(event.object_id)
        raise ZeroDivisionError

    handlers = house.subscriptions._handlers[CustomerCreated]
    handlers.append(fail)
    try:
        broken = await client.post("/customers", json={"kind": "person", "name": "Ada"})
    finally:
        handlers.remove(fail)
    assert refused(broken, 500, "internal")["errors"] == []
    assert "Zero" not in broken.text
    assert await admin.fetchrow(COUNTS) == before
    assert (await client.get("/customers")).status_code == 200


async def test_no_request_hears_of_others_or_leaves_its_tenant_behind(settings: Settings) -> None:
    """Of several tenants and with several roles, some hanging up; the whole of it is a part of
    `scripts/faults`."""
    async with applications(settings, database_pool_size=CONNECTIONS) as (app,):
        heard = await disturbed(app, REQUESTS // 50, Random(1))
    assert heard.found.lines() == []
    assert heard.told["aborted"] > 0
    assert heard.told["answers 200"] > REQUESTS // 200


async def test_a_killed_connection_costs_one_answer_at_most(
    client: AsyncClient, admin: "Admin[Any]"
) -> None:
    made = await create(client)
    assert await admin.fetchval(KILL)
    codes = [(await client.get(f"/customers/{made['id']}")).status_code for _ in range(20)]
    assert set(codes) <= {200, 503}
    assert codes[-8:] == [200] * 8


async def test_without_the_database_the_answer_is_503_and_then_all_is_well(
    client: AsyncClient, house: House, admin: "Admin[Any]"
) -> None:
    """Also for the look-up of the key, which comes before everything."""
    made = await create(client)
    forget(house)
    await admin.fetchval(KILL)
    codes = [(await client.get(f"/customers/{made['id']}")).status_code for _ in range(30)]
    assert set(codes) <= {200, 503}
    assert codes[-8:] == [200] * 8


async def test_later_versions_have_later_times(client: AsyncClient, admin: "Admin[Any]") -> None:
    path = f"/customers/{(await create(client))['id']}"
    for _ in range(5):
        await asyncio.gather(
            *(client.post(f"{path}/add-tags", json={"tags": [f"t{n}"]}) for n in range(8)),
            *(client.post(f"{path}/remove-tags", json={"tags": [f"t{n}"]}) for n in range(8)),
        )
    backwards = await admin.fetchval(
        "SELECT count(*) FROM (SELECT created_at, lag(created_at) OVER (PARTITION BY object_id "
        "ORDER BY version) AS before FROM events) e WHERE before > created_at"
    )
    assert backwards == 0


async def test_a_locked_record_is_a_503_and_not_a_wait_for_ever(
    client: AsyncClient, admin: "Admin[Any]"
) -> None:
    made = await create(client)
    async with admin.transaction():
        await admin.execute("SELECT * FROM customers WHERE name = 'Bob' FOR UPDATE")
        busy = await client.patch(f"/customers/{made['id']}", json={"name": "Ada"})
    refused(busy, 503, "unavailable")
    assert busy.headers["retry-after"] == "1"
    assert (await client.get(f"/customers/{made['id']}")).json() == made


async def test_rows_of_another_tenant_are_refused_by_the_database(
    house: House, client: AsyncClient
) -> None:
    made = await create(client)
    other, mine = uuid4(), made["id"][4:]
    async with house.pool.line() as line:
        for sql in (
            f"INSERT INTO external_ids VALUES ('{uuid4()}', 'customer', 'x', 'y', '{mine}')",
            f"INSERT INTO customer_keys VALUES ('{other}', 'tag', 'x', '{mine}')",
        ):
            tenant = f"SELECT set_config('app.tenant', '{other}', true); "
            with pytest.raises(asyncpg.PostgresError, match=r"row-level security|foreign key"):
                await line.driver.execute(tenant + sql)


async def test_an_operation_may_insist_on_if_match(
    house: House, client: AsyncClient, new_tenant_: NewTenant
) -> None:
    """No operation does yet: those that will are merges, closing a deal, edits of placed orders."""
    ctx = operator(house, await new_tenant_())
    ctx.expect(1)
    with pytest.raises(PreconditionRequired) as refusal:
        ctx.expect(1, required=True)
    assert (refusal.value.status, refusal.value.code) == (428, "precondition-required")
    ctx.if_match = versions('"1"')
    ctx.expect(1, required=True)


def test_ids_sort_by_the_time_they_were_made(app: FastAPI) -> None:
    ids = [uuid7() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert all(id.version == 7 for id in ids)
    assert [id.int >> 80 for id in ids] == sorted(id.int >> 80 for id in ids)
    then = datetime(2026, 2, 28, 23, 59, 59, 999_000, tzinfo=UTC)
    assert uuid7(then) < uuid7(then + timedelta(milliseconds=1))
