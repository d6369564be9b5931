"""The application: `create_app(settings)` for a server, a test or a tool."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy.orm import configure_mappers
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute

from crm_api import __version__
from crm_api.api import DESCRIPTION, TAGS, resources, routers, subscriptions
from crm_api.kit.clock import Clock, SystemClock
from crm_api.kit.context import House
from crm_api.kit.contract import contract
from crm_api.kit.direct import DirectRoute
from crm_api.kit.edge import Edge
from crm_api.kit.guard import Guard
from crm_api.kit.migrations import behind
from crm_api.kit.packed import Packed
from crm_api.kit.pool import Pool
from crm_api.kit.problems import install_problems
from crm_api.kit.provide import Provide
from crm_api.kit.routing import ByNoun
from crm_api.platform.access.doorkeeper import ApiKeyDoorkeeper
from crm_api.platform.docs.pages import install_docs
from crm_api.platform.health.router import install_health
from crm_api.settings import Settings

ROUTES = [route for router in routers for route in router.routes]


def create_app(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """Nothing is opened before the application starts up."""
    app = FastAPI(
        title="crm-api",
        version=__version__,
        description=DESCRIPTION,
        lifespan=_lifespan,
        redirect_slashes=False,
        openapi_url=None,
    )
    app.state.settings, app.state.clock = settings, clock or SystemClock()
    install_health(app)
    install_docs(app)
    app.add_route("/openapi.json", _openapi, include_in_schema=False)
    app.add_middleware(ByNoun, routes=ROUTES)
    app.add_middleware(Packed)
    app.add_middleware(Guard)
    app.add_middleware(Edge)
    install_problems(app)
    return app


def openapi(app: FastAPI) -> dict[str, Any]:
    """The contract that this application serves."""
    if app.openapi_schema is None:
        app.openapi_schema = contract(app, ROUTES, TAGS, known_scopes(ROUTES))
    return app.openapi_schema


async def _openapi(request: Request) -> JSONResponse:
    return JSONResponse(openapi(request.app))


def known_scopes(routes: Sequence[BaseRoute]) -> frozenset[str]:
    """Every scope that some operation asks for."""
    asks = [call for route in routes if isinstance(route, DirectRoute) for _, call in route.asks]
    return frozenset(scope for ask in asks if isinstance(ask, Provide) for scope in ask.scopes)


async def open_house(settings: Settings, clock: Clock) -> House:
    """What requests and commands share: connections, keys, the secret.

    A role other than crm_app that logs in works as crm_app: it must not pass by the policies.
    """
    configure_mappers()
    pool = Pool(settings.app_url(), settings.database_pool_size, settings.session_settings())
    await pool.open()
    secret = settings.signing_secret()
    keys = ApiKeyDoorkeeper(pool, clock)
    scopes = known_scopes(ROUTES)
    return House(pool, keys, clock, subscriptions, secret, scopes, tuple(resources))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    app.state.house = house = await open_house(app.state.settings, app.state.clock)
    app.state.behind = behind()
    yield
    await house.pool.close()
