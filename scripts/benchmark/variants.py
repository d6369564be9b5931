"""The application with a layer taken away or replaced, or the fair floor with one added.

`BENCH_VARIANT` chooses; without it, it is the application as it is.
"""

import os
from collections.abc import Callable, Sequence
from typing import Any
from unittest.mock import patch

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_api import main
from crm_api.kit.actor import Actor
from crm_api.kit.edge import Edge
from crm_api.kit.guard import Guard
from crm_api.kit.packed import Packed
from crm_api.kit.pool import Pool
from crm_api.kit.routing import ByNoun
from crm_api.platform.access.doorkeeper import ApiKeyDoorkeeper

from .bare import TENANT
from .fair import FairFloor
from .product import settings, whole


class Unnamed:
    """In the place of Edge: what the layers below it find in the scope, and nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["request_id"], scope["answer_headers"] = "req_0", []
        await self.app(scope, receive, send)


class KnowingDoorkeeper(ApiKeyDoorkeeper):
    """Whoever called first is taken for the caller of every request."""

    caller: Actor | None = None

    async def actor(self, authorization: Sequence[str]) -> Actor:
        self.caller = self.caller or await super().actor(authorization)
        return self.caller


class PooledFloor(FairFloor):
    """The fair floor on the product's pool instead of asyncpg's own."""

    async def open(self) -> None:
        self.lines = Pool(settings().app_url(), int(os.environ["BENCH_POOL"]))
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


def knowing() -> FastAPI:
    patch.object(main, "ApiKeyDoorkeeper", KnowingDoorkeeper).start()
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
    "routed by FastAPI": routed_by_fastapi,
    "pooled floor": lambda: PooledFloor(TENANT),
    "floor in layers": lambda: Edge(Guard(Packed(PooledFloor(TENANT)))),
}
app = VARIANTS[os.environ.get("BENCH_VARIANT", "whole")]()
