"""Figures for Prometheus. No label ever says which tenant, record or address."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
NOWHERE = "none"
Answered = tuple[str | None, str, int]
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The figures of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = self._histogram(
            "crm_request_seconds", "Requests, until their answer begins.", "route method status"
        )
        self._database = self._histogram(
            "crm_request_database_seconds", "Time in the database, per request.", "route method"
        )
        self._lines: dict[tuple[str, str, int], tuple[Histogram, Histogram]] = {}
        self._refusals = self._counter("crm_refusals", "Requests refused by a limit.", "reason")
        self.statements = self._counter("crm_statements", "Statements sent to the database.")
        self.slow = self._counter("crm_slow_statements", "Statements that took too long.")
        self.waits = self._histogram(
            "crm_pool_wait_seconds", "Waiting for a connection, where none was free."
        )
        self.leases = self._counter("crm_rate_limit_leases", "Slices of a quota asked for.")
        self.lag = Gauge(
            "crm_sequencer_lag_seconds",
            "Age of the oldest event without a number; 0 where there is none.",
            registry=self.registry,
        )

    def answered(self, request: "Answered", seconds: float, in_database: float) -> None:
        """A request: (route or null, method, status), and its seconds."""
        route, method, status = request
        line = (route or NOWHERE, method, status // 100)
        found = self._lines.get(line) or self._open(*line)
        found[0].observe(seconds)
        found[1].observe(in_database)

    def refused(self, reason: str) -> None:
        self._refusals.labels(reason).inc()

    def watch_pool(self, pool: "Watched") -> None:
        self.registry.register(PoolCollector(pool))

    @contextmanager
    def served(self, host: str, port: int | None) -> Iterator[None]:
        """At `/metrics`, in a thread of its own; nowhere without a port."""
        if port is None:
            yield
            return
        server, thread = start_http_server(port, host, self.registry)
        yield
        server.shutdown()
        server.server_close()
        thread.join()

    def _open(self, route: str, method: str, status: int) -> tuple[Histogram, Histogram]:
        named = method if method in METHODS else "other"
        of_status = f"{status}xx" if status else "gone"
        found = (
            self._requests.labels(route, named, of_status),
            self._database.labels(route, named),
        )
        if named == method:
            self._lines[route, method, status] = found
        return found

    def _histogram(self, name: str, about: str, labels: str = "") -> Histogram:
        return Histogram(name, about, labels.split(), buckets=SECONDS, registry=self.registry)

    def _counter(self, name: str, about: str, labels: str = "") -> Counter:
        return Counter(name, about, labels.split(), registry=self.registry)


class Watched(Protocol):
    """What a pool tells of itself."""

    size: int

    def free(self) -> int: ...

    def waiting(self) -> int: ...


class PoolCollector(Collector):
    """Read when somebody asks, so that it costs requests nothing."""

    def __init__(self, pool: Watched) -> None:
        self.pool = pool

    def collect(self) -> Iterator[GaugeMetricFamily]:
        pool = self.pool
        figures: Iterable[tuple[str, str, int]] = (
            ("crm_pool_size", "Connections, at most.", pool.size),
            ("crm_pool_free", "Connections that nobody uses.", pool.free()),
            ("crm_pool_waiting", "Requests that wait for a connection.", pool.waiting()),
        )
        for name, about, value in figures:
            yield GaugeMetricFamily(name, about, value=value)
