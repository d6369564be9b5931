"""Connections that tell how long each statement took: to the request, to metrics, to traces."""

from contextlib import AbstractContextManager, nullcontext
from time import perf_counter
from typing import Any, Protocol

import asyncpg
import structlog
from opentelemetry.trace import Span, get_tracer

from .metrics import Metrics
from .spent import SPENT, Spent

log = structlog.get_logger("crm_api.statements")
tracer = get_tracer("crm_api")
ATTRIBUTES = {"db.system.name": "postgresql"}


class Watching(Protocol):
    def over(self, sql: str) -> AbstractContextManager[None]:
        """Around one statement, from when it is sent to when its answer is there."""
        ...


class Unwatched:
    def over(self, sql: str) -> AbstractContextManager[None]:
        return nullcontext()


class Watch:
    """`slow` is in seconds: what takes longer is counted, and told in a line of the log."""

    def __init__(self, metrics: Metrics, slow: float) -> None:
        self.metrics, self.slow = metrics, slow

    def over(self, sql: str) -> "Timed":
        return Timed(self, sql)

    def tell(self, seconds: float, spent: Spent | None) -> None:
        """Which operation it was, and never the values in it."""
        self.metrics.slow_statements += 1
        log.warning(
            "slow statement",
            request_id=spent.scope["request_id"] if spent else None,
            operation=spent.operation if spent else None,
            milliseconds=round(seconds * 1000, 1),
        )


class Timed:
    """One statement; a span where its request is traced, named by its verb."""

    __slots__ = ("begun", "span", "spent", "sql", "watch")

    def __init__(self, watch: Watch, sql: str) -> None:
        self.watch, self.sql = watch, sql

    def __enter__(self) -> None:
        self.spent = SPENT.get()
        self.span: Span | None = None
        if self.spent is not None and self.spent.traced:
            verb = self.sql.split(None, 1)[0].rstrip(";")
            self.span = tracer.start_span(verb, attributes=ATTRIBUTES)
        self.begun = perf_counter()

    def __exit__(self, *_: object) -> None:
        seconds = perf_counter() - self.begun
        self.watch.metrics.statements += 1
        if self.spent is not None:
            self.spent.statements += 1
            self.spent.seconds += seconds
        if self.span is not None:
            self.span.end()
        if seconds > self.watch.slow:
            self.watch.tell(seconds, self.spent)


class WatchedConnection(asyncpg.Connection):
    """asyncpg's own query loggers are called too late for the line that tells of the request."""

    watch: Watching = Unwatched()

    async def execute(self, query: str, *args: Any, **options: Any) -> str:
        with self.watch.over(query):
            return await super().execute(query, *args, **options)

    async def fetch(self, query: str, *args: Any, **options: Any) -> Any:
        with self.watch.over(query):
            return await super().fetch(query, *args, **options)

    async def fetchval(self, query: str, *args: Any, **options: Any) -> Any:
        with self.watch.over(query):
            return await super().fetchval(query, *args, **options)

    async def fetchrow(self, query: str, *args: Any, **options: Any) -> Any:
        with self.watch.over(query):
            return await super().fetchrow(query, *args, **options)
