"""The application with a layer taken away or replaced, or the fair floor with one added.

`BENCH_VARIANT` chooses; without it, it is the application as it is.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any
from unittest.mock import patch

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_api import main
from crm_api.kit import unit_route
from crm_api.kit.actor import Actor
from crm_api.kit.edge import Edge
from crm_api.kit.guard import Guard
from crm_api.kit.metrics import Metrics
from crm_api.kit.packed import Packed
from crm_api.kit.pool import Pool
from crm_api.kit.routing import ByNoun
from crm_api.kit.watch import Unwatched, Watch
from crm_api.platform.access.doorkeeper import BearerDoorkeeper

from .bare import TENANT
from .fair import FairFloor
from .product import settings, whole

WATCH = Watch(Metrics(), 1.0)


class Unnamed:
    """In the place of Edge: what the layers below it find in the scope, and nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["request_id"], scope["answer_headers"] = "req_0", []
        await self.app(scope, receive, send)


class KnowingDoorkeeper(BearerDoorkeeper):
    """Whoever called first is taken for the caller of every request."""

    caller: Actor | None = None

    async def actor(self, authorization: Sequence[str], address: str | None = None) -> Actor:
        self.caller = self.caller or await super().actor(authorization, address)
        return self.caller


class PooledFloor(FairFloor):
    """The fair floor on the product's pool instead of asyncpg's own."""

    async def open(self) -> None:
        self.lines = Pool(settings().app_url(), int(os.environ["BENCH_POOL"]), WATCH)
        await self.lines.open()

    async def close(self) -> None:
        await self.lines.close()

    async def fetch(self, sql: str, *arguments: Any) -> Any:
        async with self.lines.line() as line:
            return await line.driver.fetchval(sql, *arguments)


def without(layer: Any) -> FastAPI:
    app = whole()
    app.user_middleware = [kept for kept in app.user_middleware if kept.cls is not layer]
    return app


def without_edge() -> FastAPI:
    app = without(Edge)
    app.add_middleware(Unnamed)
    return app


class Unlimited:
    """In the place of quotas: nobody counts, and nothing is told of it."""

    async def take(self, actor: Actor, told: list[tuple[bytes, bytes]]) -> None:
        return None

    def refuse(self, actor: Actor, told: list[tuple[bytes, bytes]]) -> None:
        return None


def without_quotas() -> FastAPI:
    patch.object(main, "_throttle", lambda *_: Unlimited()).start()
    return whole()


def without_deadlines() -> FastAPI:
    patch.object(unit_route, "Deadline", lambda *_: nullcontext()).start()
    return whole()


def unwatched() -> FastAPI:
    """Statements that nobody times or counts."""
    patch.object(Watch, "over", Unwatched.over).start()
    return whole()


def knowing() -> FastAPI:
    patch.object(main, "BearerDoorkeeper", KnowingDoorkeeper).start()
    return whole()


def routed_by_fastapi() -> FastAPI:
    """FastAPI asks its routes in turn, behind its layers for exceptions and exit stacks."""
    app = without(ByNoun)
    app.router.routes.extend(main.ROUTES)
    return app


VARIANTS: dict[str, Callable[[], ASGIApp]] = {
    "whole": whole,
    "without Edge": without_edge,
    "without Guard": lambda: without(Guard),
    "without Packed": lambda: without(Packed),
    "knowing": knowing,
    "without quotas": without_quotas,
    "without deadlines": without_deadlines,
    "unwatched": unwatched,
    "routed by FastAPI": routed_by_fastapi,
    "pooled floor": lambda: PooledFloor(TENANT),
    "floor in layers": lambda: Edge(Guard(Packed(PooledFloor(TENANT)), ()), Metrics()),
}
app = VARIANTS[os.environ.get("BENCH_VARIANT", "whole")]()
