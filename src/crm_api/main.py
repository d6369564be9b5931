"""The application: `create_app(settings)` for a server, a test or a tool."""

import gc
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.telemetry import TelemetryConfig
from sqlalchemy.orm import configure_mappers
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute

from crm_api import __version__
from crm_api.api import DESCRIPTION, TAGS, resources, routers, subscriptions
from crm_api.features.desk.rating_links.router import install_rating_links
from crm_api.kit import pinyin
from crm_api.kit.admission import Admission, Turnstile
from crm_api.kit.clock import Clock, SystemClock
from crm_api.kit.context import House
from crm_api.kit.contract import contract
from crm_api.kit.deadline import Deadlines
from crm_api.kit.direct import DirectRoute
from crm_api.kit.edge import Edge
from crm_api.kit.egress import Egress, allowances
from crm_api.kit.guard import Guard, Larger
from crm_api.kit.metrics import Metrics
from crm_api.kit.migrations import behind
from crm_api.kit.outbound import Outbound
from crm_api.kit.packed import Packed
from crm_api.kit.pool import Pool
from crm_api.kit.problems import install_problems
from crm_api.kit.provide import Provide
from crm_api.kit.routing import ByNoun
from crm_api.kit.throttle import Quota
from crm_api.kit.uploads import LIMIT
from crm_api.kit.watch import Watch
from crm_api.platform.access.credentials import AccessTokens, ApiKeys
from crm_api.platform.access.doorkeeper import BearerDoorkeeper
from crm_api.platform.access.oauth import install_oauth
from crm_api.platform.access.registry import KeyRegistry
from crm_api.platform.access.stand_in import ACT_AS, StandIn
from crm_api.platform.access.strangers import Strangers
from crm_api.platform.custom_fields.registry import FieldRegistry
from crm_api.platform.docs.pages import install_docs
from crm_api.platform.health.router import install_health
from crm_api.platform.identity_providers.key_rings import KeyRings
from crm_api.platform.identity_providers.registry import IssuerRegistry
from crm_api.platform.identity_providers.tokens import ProviderTokens
from crm_api.platform.limits.rules import KEY, TENANT
from crm_api.platform.limits.throttle import LeasingThrottle
from crm_api.platform.role_rules.holding import by_token
from crm_api.platform.role_rules.registry import ACTING
from crm_api.settings import Settings

# Bodies, errors and values stay here; FastAPI traces requests where OTEL_... names a collector.
TELEMETRY: TelemetryConfig = {
    "auto_configure": True,
    "logs": False,
    "metrics": False,
    "operation_spans": False,
}
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
        telemetry=TELEMETRY,
    )
    app.state.settings, app.state.clock = settings, clock or SystemClock()
    app.state.metrics = metrics = Metrics()
    admission = Admission(settings.in_flight, settings.in_flight_writes, metrics)
    install_health(app)
    install_docs(app)
    install_oauth(app)
    install_rating_links(app, Strangers(settings.wrong_keys, metrics))
    app.add_route("/openapi.json", _openapi, include_in_schema=False)
    app.add_middleware(ByNoun, routes=ROUTES)
    app.add_middleware(Packed)
    app.add_middleware(Turnstile, admission=admission)
    app.add_middleware(Guard, larger=larger_bodies(ROUTES))
    app.add_middleware(Edge, metrics=metrics)
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
    """Every scope that some operation asks for, or a header."""
    asks = [call for route in routes if isinstance(route, DirectRoute) for _, call in route.asks]
    asked = frozenset(scope for ask in asks if isinstance(ask, Provide) for scope in ask.scopes)
    return asked | {ACT_AS}


def larger_bodies(routes: Sequence[BaseRoute]) -> Larger:
    """The paths of operations that take more bytes than others, and how many."""
    limits = (
        (r.path_regex, (r.openapi_extra or {}).get(LIMIT))
        for r in routes
        if isinstance(r, DirectRoute)
    )
    return [(path, limit) for path, limit in limits if limit]


async def open_house(settings: Settings, clock: Clock, metrics: Metrics | None = None) -> House:
    """What requests and commands share: connections, keys, quotas, figures, the secret.

    A role other than crm_app that logs in works as crm_app: it must not pass by the policies.
    """
    configure_mappers()
    metrics = metrics or Metrics()
    watch = Watch(metrics, settings.slow_statement_ms / 1000)
    size = settings.database_pool_size
    pool = Pool(settings.app_url(), size, watch, settings.session_settings())
    await pool.open()
    metrics.pool = pool
    outbound = Outbound(Egress(allowances(settings.egress_allow), settings.own_name()))
    return House(
        pool=pool,
        doorkeeper=_doorkeeper(settings, pool, clock, outbound, metrics),
        clock=clock,
        subscriptions=subscriptions,
        secret=settings.signing_secret(),
        scopes=known_scopes(ROUTES),
        throttle=_throttle(pool, settings, metrics),
        metrics=metrics,
        deadlines=Deadlines(settings.deadline, metrics),
        outbound=outbound,
        resources=tuple(resources),
        fields=FieldRegistry(),
        feed_days=settings.feed_days,
        audit_days=settings.audit_days,
    )


def _doorkeeper(
    settings: Settings, pool: Pool, clock: Clock, outbound: Outbound, metrics: Metrics
) -> BearerDoorkeeper:
    """Lets in whoever has a key, a token made of a key, or one of a provider that is trusted."""
    keys = KeyRegistry(pool)
    return BearerDoorkeeper(
        clock,
        Strangers(settings.wrong_keys, metrics),
        StandIn(keys, clock),
        ApiKeys(keys, clock),
        AccessTokens(keys, settings.signing_secret(), clock),
        ProviderTokens(IssuerRegistry(pool, ACTING), KeyRings(outbound), clock, by_token),
    )


def _throttle(pool: Pool, settings: Settings, metrics: Metrics) -> LeasingThrottle:
    window = settings.rate_limit_window
    key = Quota(KEY, min(settings.rate_limit_key, settings.rate_limit_tenant), window)
    return LeasingThrottle(pool, key, Quota(TENANT, settings.rate_limit_tenant, window), metrics)


def _spare_the_collector() -> None:
    """What the start has made stays: to look at it again and again holds up requests."""
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    settings, metrics = app.state.settings, app.state.metrics
    pinyin.library()
    app.state.house = house = await open_house(settings, app.state.clock, metrics)
    app.state.behind = behind()
    _spare_the_collector()
    with metrics.served(settings.metrics_host, settings.metrics_port):
        yield
    await house.close()
