"""What an operator sees and sets: traces, metrics of the worker, proxies, a tenant's limit."""

import asyncio
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pydantic import SecretStr
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from crm_api.cli.serve import configured
from crm_api.kit.context import House
from crm_api.platform.journal.sequencer import Sequencer
from crm_api.settings import Settings
from crm_api.worker import Numbering
from tests.conftest import NewClient
from tests.features.test_customers import create

from .test_commands import Serving, crm, external, home, sentence

__all__ = ["external", "home"]
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SECRETIVE = "13800138000"


class Collector(BaseHTTPRequestHandler):
    """Takes traces as an OpenTelemetry collector does."""

    taken: list[Any] = []

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["content-length"]))
        self.taken.append(ExportTraceServiceRequest.FromString(sent))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """It says nothing."""


@pytest.fixture
def collector() -> Iterator[str]:
    Collector.taken = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def spans() -> list[Any]:
    return [
        span
        for request in Collector.taken
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def test_a_request_and_its_statements_are_one_trace_that_tells_nothing_of_anybody(
    home: Path, external: dict[str, str], collector: str
) -> None:
    key = crm("tenant", "create", "Acme", home=home, **external).stdout.split()[-1]
    telemetry = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector, "OTEL_SERVICE_NAME": "crm"}
    with Serving(home, **external, **telemetry) as server:
        request = urllib.request.Request(
            f"http://127.0.0.1:{server.port}/v1/customers?phone=%2B86{SECRETIVE}",
            headers={
                "Authorization": f"Bearer {key}",
                "traceparent": f"00-{TRACE}-{PARENT}-01",
            },
        )
        assert urllib.request.urlopen(request, timeout=10).status == 200
    mine = [span for span in spans() if span.trace_id.hex() == TRACE]
    (outer,) = [span for span in mine if span.parent_span_id.hex() == PARENT]
    assert outer.name == "GET /v1/customers"
    inner = [span for span in mine if span.parent_span_id == outer.span_id]
    assert "SELECT" in {span.name for span in inner}
    said = str(mine)
    assert SECRETIVE not in said
    assert "phone" not in said
    assert f'"trace": "{TRACE}"' in server.said


def test_without_a_collector_nothing_is_traced(home: Path, external: dict[str, str]) -> None:
    with Serving(home, **external) as server:
        server.get("/livez")
    assert "telemetry" not in server.said


async def test_the_worker_tells_how_far_the_numbers_are_behind(
    house: House, caller: NewClient
) -> None:
    client = await caller()
    await create(client)
    await asyncio.sleep(0.05)
    sequencer = Sequencer(house.pool)
    desk = Numbering(sequencer, house.metrics)
    assert await sequencer.lag() >= 0.05
    await desk.turn()
    assert house.metrics.registry.get_sample_value("crm_sequencer_lag_seconds") or 0 >= 0.05
    while await desk.turn():
        pass
    assert await sequencer.lag() == 0.0


def proxied(**said: Any) -> Any:
    config = configured(Settings(secret=SecretStr("s" * 40), **said))
    config.load()
    return config.loaded_app


def test_a_connection_that_rests_is_closed_by_the_client_first() -> None:
    """httpx keeps one for 5 seconds, nginx and load balancers for 60: a request that is sent while
    the server closes is lost."""
    assert configured(Settings(secret=SecretStr("s" * 40))).timeout_keep_alive > 60


def test_only_a_trusted_proxy_says_where_a_request_comes_from() -> None:
    assert not isinstance(proxied(), ProxyHeadersMiddleware)
    behind = proxied(trusted_proxies="10.0.0.0/8,192.0.2.1")
    assert isinstance(behind, ProxyHeadersMiddleware)
    assert "10.1.2.3" in behind.trusted_hosts
    assert "203.0.113.7" not in behind.trusted_hosts


def test_a_tenant_is_given_a_limit_and_the_usual_one_again(
    home: Path, external: dict[str, str]
) -> None:
    made = crm("tenant", "create", "Acme", home=home, **external).stdout
    tenant, key = made.split()[0], made.split()[-1]
    with Serving(home, **external) as server:

        def quota() -> int:
            found: int = server.get("/v1/limits", key)["policies"][1]["quota"]
            return found

        assert quota() == 30_000
        assert crm("tenant", "limit", tenant, "700", home=home, **external).returncode == 0
        time.sleep(1.1)
        assert quota() == 700
        assert crm("tenant", "limit", tenant, home=home, **external).returncode == 0
        time.sleep(1.1)
        assert quota() == 30_000
    nobody = crm("tenant", "limit", "ten_" + "0" * 32, "7", home=home, **external)
    assert "no tenant" in sentence(nobody)


def test_places_for_writes_are_fewer_than_places(home: Path, external: dict[str, str]) -> None:
    wrong = {"CRM_IN_FLIGHT": "10", "CRM_IN_FLIGHT_WRITES": "10"}
    assert "CRM_IN_FLIGHT" in sentence(crm("serve", home=home, **external, **wrong))
