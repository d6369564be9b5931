"""Under too much work: a refusal at once, room for writes, and for every tenant."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from asyncpg import Connection as Admin
from fastapi import FastAPI
from httpx import AsyncClient, Response

from crm_api.kit.admission import REFUSALS
from crm_api.kit.context import House
from crm_api.kit.embedded import OWNER, EmbeddedServer
from crm_api.settings import Settings
from tests.features.test_customers import refused
from tests.serving import PERSON, applications, client_of, figure, tenant_and_key

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
AT_ONCE = 0.1


@asynccontextmanager
async def customers_locked(server: EmbeddedServer, database: str) -> AsyncIterator[None]:
    """Whoever reads or writes customers waits; all else goes on."""
    connection = await asyncpg.connect(server.url(OWNER, database))
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE customers IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


async def start(client: AsyncClient, number: int = 1) -> list["asyncio.Task[Response]"]:
    started = [asyncio.create_task(client.get("/customers")) for _ in range(number)]
    await asyncio.sleep(0.2)
    return started


async def quick(answering: Any, status: int) -> Response:
    begun = time.perf_counter()
    answer: Response = await answering
    assert time.perf_counter() - begun < AT_ONCE
    assert answer.status_code == status, answer.text
    return answer


async def test_what_is_too_much_is_refused_at_once_and_writes_last(
    settings: Settings, house: House, server: EmbeddedServer, database: str
) -> None:
    keys = [(await tenant_and_key(house))[1] for _ in range(3)]
    of = {"in_flight": 4, "in_flight_writes": 2}
    async with applications(settings, **of) as (app,):
        one, two, three = [client_of(app, key) for key in keys]
        for client in (one, two, three):
            await client.get("/me")
        async with customers_locked(server, database):
            working = [*await start(one), *await start(two)]
            answer = await quick(three.get("/me"), 503)
            refused(answer, 503, "unavailable")
            assert answer.headers["retry-after"] == "1"
            key = {"name": "A", "scopes": ["*"]}
            await quick(three.post("/api-keys", json=key), 201)
            await quick(three.get("http://test/livez"), 200)
            assert figure(app, "crm_refusals_total", reason="in_flight") == 1
        assert [(await task).status_code for task in working] == [200, 200]
        await quick(three.get("/me"), 200)
        for client in (one, two, three):
            await client.aclose()


async def test_a_noisy_tenant_leaves_places_for_others(
    settings: Settings, house: House, server: EmbeddedServer, database: str
) -> None:
    noisy_key, quiet_key = [(await tenant_and_key(house))[1] for _ in range(2)]
    of = {"in_flight": 12, "in_flight_writes": 2, "database_pool_size": 8}
    async with (
        applications(settings, **of) as (app,),
        client_of(app, noisy_key) as noisy,
        client_of(app, quiet_key) as quiet,
    ):
        await asyncio.gather(noisy.get("/me"), quiet.get("/me"))
        async with customers_locked(server, database):
            working = await start(noisy, 10)
            done = [task.result().status_code for task in working if task.done()]
            assert done == [503] * 4
            answer = next(task.result() for task in working if task.done())
            assert answer.headers["retry-after"] == "1"
            await quick(quiet.get("/tenant"), 200)
            await quick(quiet.post("/api-keys", json={"name": "A", "scopes": ["*"]}), 201)
            assert figure(app, "crm_refusals_total", reason="tenant_in_flight") == 4
        await asyncio.gather(*working)
        assert [task.status_code for task in [await noisy.get("/customers")]] == [200]


async def test_a_tenant_is_refused_at_a_measured_pace_and_others_are_not_held_up(
    settings: Settings, house: House
) -> None:
    keys = [(await tenant_and_key(house))[1] for _ in range(3)]
    async with applications(settings, rate_limit_key=2, rate_limit_window=3600) as (app,):
        noisy, modest, quiet = [client_of(app, key) for key in keys]
        for client in (noisy, noisy, noisy, noisy, modest, modest, modest):
            await client.get("/me")
        begun = time.perf_counter()
        asked = [asyncio.create_task(noisy.get("/me")) for _ in range(60)]
        await asyncio.sleep(0)
        await quick(quiet.get("/me"), 200)
        await quick(modest.get("/me"), 429)
        assert {answer.status_code for answer in await asyncio.gather(*asked)} == {429}
        assert time.perf_counter() - begun >= 60 / REFUSALS
        await quick(noisy.get("/me"), 429)
        for client in (noisy, modest, quiet):
            await client.aclose()


async def test_places_are_given_back_whatever_becomes_of_a_request(
    settings: Settings, house: House, server: EmbeddedServer, database: str
) -> None:
    _, key = await tenant_and_key(house)
    of = {"in_flight": 4, "in_flight_writes": 0}
    async with applications(settings, **of) as (app,), client_of(app, key) as client:
        for _ in range(6):
            refused(await client.get("/customers/nonsense"), 404, "not-found")
            refused(await client.get("/customers?x=1"), 422, "validation-failed")
            refused(await client.get("/me", headers={"Authorization": ""}), 401, "unauthorized")
        async with customers_locked(server, database):
            for task in await start(client, 2):
                task.cancel()
        assert (await asyncio.gather(client.get("/me"), client.get("/me")))[1].is_success


async def test_a_request_that_takes_too_long_is_undone_and_told(
    settings: Settings, house: House, server: EmbeddedServer, database: str, admin: "Admin[Any]"
) -> None:
    _, key = await tenant_and_key(house)
    async with (
        applications(settings, deadline=1, database_pool_size=2) as (app,),
        client_of(app, key) as client,
    ):
        made = (await client.post("/customers", json=PERSON)).json()
        async with customers_locked(server, database), asyncio.timeout(2.0):
            begun = time.perf_counter()
            late = await asyncio.gather(
                client.post("/customers", json=PERSON),
                client.patch(f"/customers/{made['id']}", json={"name": "Late"}),
            )
            assert 0.9 < time.perf_counter() - begun < 1.8
            for answer in late:
                problem = refused(answer, 503, "unavailable")
                assert "1 seconds" in problem["detail"]
                assert answer.headers["retry-after"] == "1"
            while await admin.fetchval(WAITING):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert (await client.get("/customers")).json()["data"] == [made]
        assert figure(app, "crm_refusals_total", reason="deadline") == 2
        assert await whole(app)


async def test_time_does_not_count_while_a_body_arrives(settings: Settings, house: House) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield b'{"kind": "person", '
        await asyncio.sleep(1.5)
        yield b'"name": "Bob"}'

    _, key = await tenant_and_key(house)
    async with applications(settings, deadline=1) as (app,), client_of(app, key) as client:
        headers = {"content-type": "application/json"}
        answer = await client.post("/customers", content=slowly(), headers=headers)
        assert answer.status_code == 201, answer.text


async def whole(app: FastAPI) -> bool:
    pool = app.state.house.pool
    for _ in range(2 * pool.size):
        async with pool.line() as line:
            assert not line.driver.is_in_transaction()
    return bool(pool.free() == pool.size)
