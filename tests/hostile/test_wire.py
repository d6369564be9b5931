"""A real server, and clients that are malicious, slow, or gone before they are answered."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from asyncpg import Connection
from fastapi import FastAPI
from structlog.testing import capture_logs

from crm_api.kit import guard, patience
from crm_api.kit.context import House
from tests.conftest import Unchanged

from .catalogue import read
from .catalogue import title as named
from .conftest import Side
from .refusals import refusal
from .wire import Served, Wire, served, written

CATALOGUE = read("wire.yaml")
BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"""


@pytest.fixture(scope="module")
async def service(app: FastAPI) -> AsyncIterator[Served]:
    async with served(app) as service:
        yield service


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifteen and thirty seconds, in a hurry."""
    monkeypatch.setattr(patience, "HEADER_SECONDS", 0.6)
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.6)


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    with capture_logs() as entries:
        yield entries


def get(own: Side, path: str = "/v1/me", *headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: test", f"Authorization: Bearer {own.key}", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def post(own: Side, body: bytes, *headers: str) -> bytes:
    """The head of a POST that would create a customer, and its body."""
    lines = [
        "POST /v1/customers HTTP/1.1",
        "Host: test",
        f"Authorization: Bearer {own.key}",
        "Content-Type: application/json",
        *(headers or [f"Content-Length: {len(body)}"]),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


MOST = 32 * 1024 * 1024
NEW = json.dumps({"kind": "person", "name": "Zhu Bajie"}).encode()


def wired(case: dict[str, Any], own: Side) -> bytes:
    return written(case, key=own.key, id=own.records["/v1/customers"])


@pytest.mark.parametrize("case", CATALOGUE["problems"], ids=named)
async def test_a_refusal_is_a_problem_and_the_connection_goes_on(
    own: Side, service: Served, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    async with nothing_changes(), service.wire() as wire:
        answer = await wire.ask(wired(case, own))
        if case.get("or_rejected") and answer.status == 400:
            return
        refusal(answer.status, answer.headers, answer.content, case["status"], case["code"])
        told = [value for name, value in answer.headers.items() if name != "request-id"]
        assert "evil" not in str(told) + answer.content.decode()
        if case.get("closes"):
            assert await wire.rest() == b""
            return
        again = await wire.ask(get(own))
        assert again.status == 200, again.content


@pytest.mark.parametrize("case", CATALOGUE["rejected"], ids=named)
async def test_what_two_servers_could_read_differently_is_read_by_none(
    own: Side, service: Served, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    async with nothing_changes(), service.wire() as wire:
        await wire.send(wired(case, own))
        wire.writer.write_eof()
        said = await wire.rest()
    assert said == b"" or said.startswith(b"HTTP/1.1 400 "), said[:200]
    assert said.count(b"HTTP/1.1") <= 1
    assert b"Traceback" not in said


async def test_a_whole_address_as_target_is_read_as_its_path(own: Side, service: Served) -> None:
    async with service.wire() as wire:
        whole = await wire.ask(get(own, "http://evil.example/v1/me"))
        plain = await wire.ask(get(own))
    assert (whole.status, whole.content) == (200, plain.content)
    assert "evil" not in str(whole.headers)


async def test_a_location_names_no_host(own: Side, service: Served) -> None:
    evil = (f"Content-Length: {len(NEW)}", "X-Forwarded-Host: evil.example", "Host: evil.example")
    async with service.wire() as wire:
        made = await wire.ask(post(own, NEW, *evil))
    assert made.status == 201
    assert made.headers["location"].startswith("/v1/customers/cus_")
    assert "evil" not in str(made.headers) + made.content.decode()


async def test_an_upgrade_to_something_else_is_not_made(own: Side, service: Served) -> None:
    upgrades = ["Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk"]
    upgrades += [
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    ]
    for upgrade in upgrades:
        async with service.wire() as wire:
            answer = await wire.ask(get(own, "/v1/me", upgrade))
        assert answer.status in (200, 400, 403, 404)


async def test_several_requests_at_once_are_answered_in_their_order(
    own: Side, service: Served
) -> None:
    async with service.wire() as wire:
        await wire.send(get(own) + get(own, "/v1/nothing") + get(own, "/v1/tenant"))
        answers = [await wire.answer() for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 404, 200]


async def test_chunks_are_counted_as_they_come(
    own: Side, service: Served, nothing_changes: Unchanged
) -> None:
    """No `Content-Length` says what is coming, and the refusal does not wait for its end."""
    async with nothing_changes(), service.wire() as wire:
        await wire.send(post(own, b"", "Transfer-Encoding: chunked"))
        for _ in range(17):
            await wire.send(b"10000\r\n" + b" " * 65536 + b"\r\n")
        answer = await wire.answer()
        refusal(answer.status, answer.headers, answer.content, 413, "payload-too-large")


@pytest.mark.parametrize("place", ["header", "trailer"])
async def test_headers_without_end_are_not_collected(
    own: Side, service: Served, nothing_changes: Unchanged, place: str
) -> None:
    chunked = post(own, b"", "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n"
    begins, sent = get(own)[:-2] if place == "header" else chunked, 0
    async with nothing_changes(), service.wire() as wire:
        await wire.send(begins + b"X-Endless: ")
        while sent < MOST and not wire.writer.is_closing():
            await wire.send(b"a" * 262_144)
            await asyncio.sleep(0)
            sent += 262_144
    assert sent < MOST


async def test_a_trailer_is_no_header(
    own: Side, service: Served, nothing_changes: Unchanged
) -> None:
    """Neither a key nor anything else may come behind the body."""
    head = post(own, b"", "Transfer-Encoding: chunked")
    key = f"Authorization: Bearer {own.key}\r\n".encode()
    body = b"%x\r\n%b\r\n0\r\n%b\r\n" % (len(NEW), NEW, key)
    async with nothing_changes(), service.wire() as wire:
        answer = await wire.ask(head.replace(key, b"") + body)
        refusal(answer.status, answer.headers, answer.content, 401, "unauthorized")
        assert (await wire.ask(get(own))).status == 200
    async with service.wire() as wire:
        assert (await wire.ask(head + body)).status == 201


@pytest.mark.usefixtures("impatient")
async def test_slow_headers_are_not_waited_for(own: Side, service: Served) -> None:
    """One byte at a time keeps nobody awake, and others are served meanwhile."""
    begun = time.perf_counter()
    async with AsyncExitStack() as stack:
        slow = [await stack.enter_async_context(service.wire()) for _ in range(3)]
        silent, dripping, second = slow
        assert (await second.ask(get(own))).status == 200
        await second.send(b"GET /v1/me HT")
        drip = asyncio.create_task(_drip(dripping, get(own)))
        async with service.wire() as quick:
            assert (await quick.ask(get(own))).status == 200
        for wire in (silent, dripping, second):
            assert b"200" not in await wire.rest()
        drip.cancel()
    assert time.perf_counter() - begun < 3.0


async def _drip(wire: Wire, sent: bytes) -> None:
    for byte in sent:
        await wire.send(bytes([byte]))
        await asyncio.sleep(0.1)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("headers", [(), ("Transfer-Encoding: chunked",)], ids=["length", "chunks"])
async def test_a_slow_body_is_not_waited_for(
    own: Side, service: Served, nothing_changes: Unchanged, headers: tuple[str, ...]
) -> None:
    begun = time.perf_counter()
    async with nothing_changes(), service.wire() as wire, service.wire() as quick:
        await wire.send(post(own, NEW, *headers)[: -len(NEW)])
        drip = asyncio.create_task(_drip(wire, b"28\r\n" + NEW if headers else NEW))
        assert (await quick.ask(get(own))).status == 200
        answer = await wire.answer()
        drip.cancel()
    refusal(answer.status, answer.headers, answer.content, 408, "request-timeout")
    assert time.perf_counter() - begun < 3.0


async def whole(house: House) -> bool:
    """Whether every connection of the pool can be had at the same time, and works."""
    async with AsyncExitStack() as stack:
        for _ in range(house.pool.size):
            line = await stack.enter_async_context(house.pool.line())
            assert await line.driver.fetchval("SELECT current_user") == "crm_app"
            assert not line.driver.is_in_transaction()
            assert await line.driver.fetchval("SELECT current_setting('app.tenant', true)") in (
                None,
                "",
            )
    return True


async def still(admin: "Connection[Any]") -> None:
    """Until no statement and no transaction is open any more."""
    for _ in range(250):
        if not await admin.fetchval(BUSY):
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99], ids=["head", "middle", "last byte"])
async def test_a_caller_who_hangs_up_in_mid_request_leaves_nothing_behind(
    own: Side,
    house: House,
    admin: "Connection[Any]",
    service: Served,
    nothing_changes: Unchanged,
    logged: list[Any],
    part: float,
) -> None:
    sent = post(own, NEW)
    async with nothing_changes():
        for _ in range(12):
            async with service.wire() as wire:
                await wire.send(sent[: int(len(sent) * part)])
        await asyncio.sleep(0.05)
        await still(admin)
    assert await whole(house)
    assert [entry for entry in logged if entry["log_level"] == "error"] == []
    assert [entry for entry in logged if entry.get("status", 0) >= 500] == []


async def test_a_caller_who_does_not_wait_for_the_answer_leaves_the_pool_whole(
    own: Side, house: House, admin: "Connection[Any]", service: Served, logged: list[Any]
) -> None:
    """The work is done or it is not: no transaction stays open, no connection is lost."""
    count = "SELECT count(*) FROM customers WHERE source = 'hasty'"
    hasty = json.dumps({"kind": "person", "name": "A", "source": "hasty"}).encode()
    for _ in range(20):
        async with service.wire() as wire:
            await wire.send(post(own, hasty))
    await asyncio.sleep(0.1)
    await still(admin)
    assert await whole(house)
    assert 0 <= await admin.fetchval(count) <= 20
    events = """SELECT count(*) FROM events e JOIN customers c
        ON (c.tenant_id, c.id) = (e.tenant_id, e.object_id) WHERE c.source = 'hasty'"""
    assert await admin.fetchval(events) == await admin.fetchval(count)
    assert [entry for entry in logged if entry["log_level"] == "error"] == []


async def test_a_caller_who_hangs_up_while_the_record_is_locked_holds_nothing(
    own: Side,
    house: House,
    admin: "Connection[Any]",
    service: Served,
    logged: list[Any],
) -> None:
    id = own.records["/v1/customers"]
    body = b'{"source": "locked"}'
    head = post(own, body).replace(b"POST /v1/customers ", f"PATCH /v1/customers/{id} ".encode())
    async with admin.transaction():
        await admin.execute("SELECT 1 FROM customers FOR UPDATE")
        for _ in range(house.pool.size + 2):
            async with service.wire() as wire:
                await wire.send(head)
        await asyncio.sleep(0.2)
    await asyncio.sleep(0.05)
    await still(admin)
    assert await whole(house)
    assert [entry for entry in logged if entry["log_level"] == "error"] == []
    async with service.wire() as wire:
        assert (await wire.ask(get(own, f"/v1/customers/{id}"))).status == 200


async def test_a_caller_who_reads_nothing_of_many_answers_is_not_served_for_ever(
    own: Side, house: House, service: Served
) -> None:
    """A thousand pipelined requests whose answers nobody takes: others are served meanwhile."""
    async with service.wire() as deaf, service.wire() as quick:
        deaf.writer.write(get(own, "/v1/customers?limit=200") * 1000)
        begun = time.perf_counter()
        assert (await quick.ask(get(own))).status == 200
        assert time.perf_counter() - begun < 2.0
    assert await whole(house)
