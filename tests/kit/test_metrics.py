"""Figures and lines of the log: what happened, and nothing of anybody."""

import asyncio
import logging
import socket
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI
from httpx import AsyncClient
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import LogCapture

from crm_api.kit.context import House
from crm_api.settings import Settings
from tests.features.test_customers import create, refused
from tests.serving import applications, client_of, figure, tenant_and_key

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
ONE = "/v1/customers/{id}"


def shown(app: FastAPI) -> str:
    return generate_latest(app.state.metrics.registry).decode()


async def test_requests_are_counted_by_route_method_and_status(
    app: FastAPI, client: AsyncClient
) -> None:
    bob = await create(client)
    before = figure(app, "crm_request_seconds_count", route=ONE, method="GET", status="2xx")
    for _ in range(3):
        await client.get(f"/customers/{bob['id']}")
    refused(await client.get("/customers/cus_" + "0" * 32), 404, "not-found")
    after = figure(app, "crm_request_seconds_count", route=ONE, method="GET", status="2xx")
    assert after - before == 3
    assert figure(app, "crm_request_seconds_count", route=ONE, method="GET", status="4xx") == 1
    spent = figure(app, "crm_request_database_seconds_sum", route=ONE, method="GET")
    assert (
        0
        < spent
        < figure(app, "crm_request_seconds_sum", route=ONE, method="GET", status="2xx")
        + figure(app, "crm_request_seconds_sum", route=ONE, method="GET", status="4xx")
    )


async def test_a_head_is_counted_by_its_route_and_keeps_its_quota(
    app: FastAPI, client: AsyncClient
) -> None:
    answer = await client.head("/me", headers={"Origin": "https://evil.example"})
    assert {"ratelimit", "ratelimit-policy"} <= answer.headers.keys()
    assert "access-control-allow-origin" not in answer.headers
    of = {"route": "/v1/me", "method": "HEAD", "status": "2xx"}
    assert figure(app, "crm_request_seconds_count", **of) == 1


async def test_nothing_that_is_shown_belongs_to_anybody(app: FastAPI, client: AsyncClient) -> None:
    bob = await create(client, name="Zhu Bajie", external_ids={"sap": "bajie-4711"})
    me = (await client.get("/me")).json()
    await client.get("/customers", params={"q": "Zhu Bajie"})
    await client.get("/customers/external/sap/bajie-4711")
    text = shown(app)
    secret = client.headers["authorization"][7:]
    for own in (bob["id"], bob["id"][4:], "Bajie", "bajie-4711", me["tenant"]["id"][4:], secret):
        assert own not in text
    labels = {
        name
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        for name in sample.labels
    }
    assert labels <= {"route", "method", "status", "reason", "le"}


async def test_no_stranger_makes_new_series(app: FastAPI, client: AsyncClient) -> None:
    await client.request("BREW", "/customers")
    await client.get("/nowhere/0")
    known = len(shown(app).splitlines())
    for number in range(20):
        await client.request(f"BREW{number}", "/customers")
        await client.get(f"/nowhere/{number}")
    assert len(shown(app).splitlines()) == known


async def test_the_pool_tells_its_state(app: FastAPI, house: House) -> None:
    assert figure(app, "crm_pool_size") == house.pool.size == figure(app, "crm_pool_free")
    async with house.pool.line():
        assert figure(app, "crm_pool_free") == house.pool.size - 1
    lines = [await house.pool.take() for _ in range(house.pool.size)]
    waiting = asyncio.create_task(house.pool.take())
    await asyncio.sleep(0)
    assert figure(app, "crm_pool_waiting") == 1
    for line in lines:
        house.pool.give(line)
    house.pool.give(await waiting)
    assert figure(app, "crm_pool_wait_seconds_count") == 1
    assert figure(app, "crm_pool_free") == house.pool.size


async def test_metrics_have_a_port_of_their_own(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with applications(settings, metrics_port=port) as (app,), client_of(app, "") as client:
        async with httpx.AsyncClient() as prometheus:
            answer = await prometheus.get(f"http://127.0.0.1:{port}/metrics")
        assert answer.status_code == 200
        names = {family.name for family in text_string_to_metric_families(answer.text)}
        assert {"crm_pool_free", "crm_statements", "crm_refusals"} <= names
        assert (await client.get("http://test/metrics")).status_code == 404
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 1)


class Lines(list[dict[str, Any]]):
    """What was logged, of one event."""

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self if line["event"] == event]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Lines:
    found = Lines()
    capture: Any = LogCapture()
    capture.entries = found
    log = structlog.wrap_logger(
        None,
        processors=[capture],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    for module in ("edge", "watch"):
        monkeypatch.setattr(f"crm_api.kit.{module}.log", log)
    return found


async def test_the_line_of_a_request_tells_what_it_cost_and_its_trace(
    client: AsyncClient, lines: Lines
) -> None:
    bob = await create(client)
    parent = f"00-{TRACE}-00f067aa0ba902b7-01"
    await client.get(f"/customers/{bob['id']}", headers={"traceparent": parent})
    made, read = lines.of("answered")[-2:]
    assert (read["statements"], read["trace"], read["route"]) == (1, TRACE, ONE)
    assert 0 < read["database_ms"] <= read["milliseconds"] + 0.1
    assert made["statements"] >= 1
    assert made["trace"] is None


@pytest.mark.parametrize(
    "parent",
    [
        "",
        TRACE,
        f"00-{TRACE}-00f067aa0ba902b7",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-00f067aa0ba902b7-01",
        f"00-{TRACE}-00f067aa0ba902b7-01-more",
        f"00-{TRACE}-00f067aa0ba902b7-01\n",
        "\xff\xfe",
    ],
)
async def test_a_trace_that_is_none_is_passed_over(
    client: AsyncClient, lines: Lines, parent: str
) -> None:
    answer = await client.get("/me", headers=[(b"traceparent", parent.encode("latin-1"))])
    assert answer.status_code == 200
    assert lines.of("answered")[-1]["trace"] is None


async def test_a_write_that_reads_first_counts_each_of_its_statements(
    client: AsyncClient, lines: Lines
) -> None:
    bob = await create(client)
    await client.patch(f"/customers/{bob['id']}", json={"name": "Robert"})
    changed = lines.of("answered")[-1]
    assert changed["statements"] >= 4  # BEGIN, the row, the write, COMMIT


async def test_a_slow_statement_is_told_by_its_operation_and_without_values(
    settings: Settings, house: House, lines: Lines
) -> None:
    _, key = await tenant_and_key(house)
    async with (
        applications(settings, slow_statement_ms=1) as (app,),
        client_of(app, key) as client,
    ):
        async with app.state.house.pool.line() as line:
            await line.driver.fetchval("SELECT pg_sleep($1::float8)", 0.01)
        slow = lines.of("slow statement")[-1]
        assert (slow["operation"], slow["log_level"]) in {(None, "warning"), ("getMe", "warning")}
        assert slow["milliseconds"] >= 10
        assert figure(app, "crm_slow_statements_total") >= 1
        before = len(lines)
        for number in range(50):
            await client.post("/customers", json={"kind": "person", "name": f"Bajie {number}"})
        told = [line for line in lines[before:] if line["event"] == "slow statement"]
        assert {line["operation"] for line in told} <= {"createCustomer"}
        assert "Bajie" not in str(told)
