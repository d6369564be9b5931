"""Applications with settings of their own, on the database of a test module."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from crm_api.cli.unit import new_tenant
from crm_api.kit.context import House
from crm_api.main import create_app
from crm_api.platform.organization.models import TenantKind
from crm_api.platform.organization.schemas import TenantCreate
from crm_api.settings import Settings

PERSON = {"kind": "person", "name": "Bob"}


@asynccontextmanager
async def applications(
    settings: Settings, number: int = 1, **changed: Any
) -> AsyncIterator[list[FastAPI]]:
    """So many processes, as good as: nothing is shared but the database."""
    settings = Settings.model_validate({**settings.model_dump(), **changed})
    async with AsyncExitStack() as stack:
        apps = [create_app(settings) for _ in range(number)]
        for app in apps:
            await stack.enter_async_context(app.router.lifespan_context(app))
        yield apps


def client_of(app: FastAPI, key: str, address: str = "203.0.113.7") -> AsyncClient:
    return AsyncClient(
        transport=ASGITransport(app, client=(address, 1)),
        base_url="http://test/v1",
        headers={"Authorization": f"Bearer {key}"},
    )


async def tenant_and_key(house: House) -> tuple[Any, str]:
    return await new_tenant(house, TenantCreate(name="Sunrise Group", kind=TenantKind.sandbox))


def figure(app: FastAPI, name: str, **labels: str) -> float:
    """A sample of the metrics, as it is now; 0 where there is none."""
    return app.state.metrics.registry.get_sample_value(name, labels) or 0.0
