"""The application itself, for a world that is there already.

`BENCH_VARIANT` takes a layer away, or puts FastAPI's own in its place, to see what it costs.
"""

import os
from collections.abc import Callable, Sequence
from unittest.mock import patch

from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_api import main
from crm_api.kit.actor import Actor
from crm_api.kit.edge import Edge
from crm_api.kit.guard import Guard
from crm_api.kit.logs import configure_logs
from crm_api.kit.packed import Packed
from crm_api.kit.routing import ByNoun
from crm_api.platform.access.doorkeeper import ApiKeyDoorkeeper
from crm_api.settings import Settings

from .fair import app as fair_floor


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


def without(layer: type) -> FastAPI:
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


def layers_alone() -> ASGIApp:
    """The fair floor behind the product's layers."""
    return Edge(Guard(Packed(fair_floor)))


def whole() -> FastAPI:
    configure_logs(os.environ.get("BENCH_LOG", "warning"))
    return main.create_app(
        Settings(
            database_url=SecretStr(os.environ["BENCH_DATABASE"]),
            database_pool_size=int(os.environ["BENCH_POOL"]),
            secret=SecretStr("a secret for the benchmark, long enough"),
        )
    )


VARIANTS: dict[str, Callable[[], ASGIApp]] = {
    "whole": whole,
    "without Edge": without_edge,
    "without Guard": lambda: without(Guard),
    "without Packed": lambda: without(Packed),
    "knowing": knowing,
    "routed by FastAPI": routed_by_fastapi,
    "layers alone": layers_alone,
}
app = VARIANTS[os.environ.get("BENCH_VARIANT", "whole")]()
