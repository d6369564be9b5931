"""Figures for Prometheus. No label ever says which tenant, record or address."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import Protocol

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
BOUNDS = (*(f"{seconds:g}" for seconds in SECONDS), "+Inf")
NOWHERE, OTHER = "none", "other"
Labels = tuple[str, ...]
Answered = tuple[str | None, str, int]


class Times:
    """How often something took how long. Counted in one thread, so without the locks of
    prometheus_client, which would cost each request some microseconds."""

    __slots__ = ("counts", "sum")

    def __init__(self) -> None:
        self.counts, self.sum = [0] * len(BOUNDS), 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(SECONDS, seconds)] += 1
        self.sum += seconds

    def buckets(self) -> list[tuple[str, float]]:
        return list(zip(BOUNDS, map(float, accumulate(self.counts)), strict=True))


class Metrics(Collector):
    """The figures of one process, in a registry of their own; written down when asked for."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests: defaultdict[Labels, Times] = defaultdict(Times)
        self._database: defaultdict[Labels, Times] = defaultdict(Times)
        self._lines: dict[Answered, tuple[Times, Times]] = {}
        self.refusals: Counter[str] = Counter()
        self.waits = Times()
        self.streams = 0
        self.statements = self.slow_statements = self.leases = 0
        self.pool: Watched | None = None
        self.lag: float | None = None
        self.registry.register(self)

    def answered(self, request: Answered, seconds: float, in_database: float) -> None:
        """A request: (route or null, method, status), and its seconds."""
        whole, part = self._lines.get(request) or self._line(*request)
        whole.add(seconds)
        part.add(in_database)

    def _line(self, route: str | None, method: str, status: int) -> tuple[Times, Times]:
        """What strangers can say counts as other, so that they make no series of their own."""
        named = method if method in METHODS else OTHER
        place, of_status = route or NOWHERE, f"{status // 100}xx" if status else "gone"
        found = self._requests[place, named, of_status], self._database[place, named]
        if named is method:
            self._lines[route, method, status] = found
        return found

    def refused(self, reason: str) -> None:
        self.refusals[reason] += 1

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

    def collect(self) -> Iterator[Metric]:
        name, about = "crm_request_seconds", "Requests, until their answer begins."
        yield _histogram(name, about, ("route", "method", "status"), dict(self._requests))
        name, about = "crm_request_database_seconds", "Time in the database, per request."
        yield _histogram(name, about, ("route", "method"), dict(self._database))
        about = "Waiting for a connection, where none was free."
        yield _histogram("crm_pool_wait_seconds", about, (), {(): self.waits})
        refusals = CounterMetricFamily(
            "crm_refusals", "Requests refused by a limit.", labels=["reason"]
        )
        for reason, number in list(self.refusals.items()):
            refusals.add_metric([reason], number)
        yield refusals
        yield from self._plain()

    def _plain(self) -> Iterator[Metric]:
        for name, about, number in (
            ("crm_statements", "Statements sent to the database.", self.statements),
            ("crm_slow_statements", "Statements that took too long.", self.slow_statements),
            ("crm_rate_limit_leases", "Slices of a quota asked for.", self.leases),
        ):
            yield CounterMetricFamily(name, about, value=number)
        if self.pool is not None:
            free, waiting = self.pool.free(), self.pool.waiting()
            yield GaugeMetricFamily("crm_pool_size", "Connections, at most.", self.pool.size)
            yield GaugeMetricFamily("crm_pool_free", "Connections that nobody uses.", free)
            yield GaugeMetricFamily("crm_pool_waiting", "Who waits for a connection.", waiting)
        yield GaugeMetricFamily("crm_streams", "Streams that are open.", value=self.streams)
        if self.lag is not None:
            about = "Age of the oldest event without a number; 0 where there is none."
            yield GaugeMetricFamily("crm_sequencer_lag_seconds", about, self.lag)


def _histogram(name: str, about: str, labels: Labels, times: dict[Labels, Times]) -> Metric:
    family = HistogramMetricFamily(name, about, labels=labels)
    for values, of in times.items():
        family.add_metric(values, of.buckets(), of.sum)
    return family


class Watched(Protocol):
    """What a pool tells of itself."""

    size: int

    def free(self) -> int: ...

    def waiting(self) -> int: ...
