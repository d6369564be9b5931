"""`crm-api demo`: real households and what they bought in a sandbox tenant, by the public API."""

import asyncio
import json
from dataclasses import dataclass
from typing import Annotated

import httpx
import typer
from rich.console import Console

from crm_api.kit.context import House
from crm_api.kit.errors import Problem
from crm_api.platform.organization.models import TenantKind
from crm_api.platform.organization.registry import TenantRegistry
from crm_api.platform.organization.schemas import TenantCreate
from crm_api.settings import Settings

from .loading import Known, Sample, known_households, load
from .trading import load_trade
from .trouble import Trouble
from .unit import known_tenant, new_key, new_tenant, opened

MISSING = "The demo data is not installed: run scripts/setup, or pip install 'crm-api[demo]'."
STOPPED = "The API stopped while it took the demo data: what is missing is loaded next time."
NAME = "Demo group"
SHIFTED = "Dates are shifted by {weeks} weeks: the newest basket was last week's when this began."
BASKETS = 5_000  # of 155,848, spread over the whole year
PLENTY = 10_000_000  # requests in a window: who tries things out shall not wait
out = Console(soft_wrap=True)


@dataclass(frozen=True)
class DemoTenant:
    key: str
    loaded: bool


def demo(
    key: Annotated[str, typer.Option(envvar="CRM_KEY", help="A key of a sandbox tenant.")],
    url: Annotated[str, typer.Option(help="Where the API is served.")] = "http://127.0.0.1:8000",
) -> None:
    """Load the demo data into the tenant of a key, through a running API. May be repeated."""
    asyncio.run(load_demo(url, key))


def find_demo(settings: Settings) -> DemoTenant:
    """The demo tenant of this home; made where there is none."""
    return asyncio.run(_found(settings))


async def _found(settings: Settings) -> DemoTenant:
    async with opened(settings) as house:
        try:
            key = json.loads((settings.home / "demo.json").read_text())["key"]
            await house.doorkeeper.actor([f"Bearer {key}"])
        except (OSError, ValueError, KeyError, Problem):
            return DemoTenant(await _key(house), loaded=False)
        return DemoTenant(key, loaded=True)


async def _key(house: House) -> str:
    """A key of the demo tenant, which may have been left half loaded."""
    for row in await TenantRegistry(house).list():
        if row.kind == TenantKind.sandbox:
            tenant = await known_tenant(house, row.tenant_id)
            if tenant.name == NAME:
                return await new_key(house, tenant, name="Demo key")
    tenant, key = await new_tenant(house, TenantCreate(name=NAME, kind=TenantKind.sandbox))
    await TenantRegistry(house).limit(tenant.id, PLENTY)
    return key


async def load_demo(url: str, key: str) -> None:
    """Every household as a customer, and some of what they bought.

    Customers that are there already stay as they are.
    """
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=f"{url}/v1", headers=headers, timeout=30) as api:
        await _check_sandbox(api)
        try:
            customers = await known_households(api)
            sample = await asyncio.to_thread(read, customers)
            await load(api, sample, customers)
            await load_trade(api, sample, customers)
        except httpx.TransportError as error:
            raise Trouble(STOPPED) from error
    out.print(SHIFTED.format(weeks=sample.shift_weeks))


def read(customers: Known | None = None) -> Sample:
    """Shifted as those customers are that are there already.

    Raises: Trouble where the `demo` extra is not installed.
    """
    try:
        from . import households  # takes a second to load

        acquired = {id: row["acquired_at"] for id, row in (customers or {}).items()}
        weeks = households.shift_weeks(acquired)
        baskets = list(households.baskets(households.spread(BASKETS)))
        named = {line.product for basket in baskets for line in basket.lines}
        return Sample(
            persons=households.persons(weeks),
            organizations=households.organizations(weeks),
            shift_weeks=weeks,
            goods=households.goods(named),
            baskets=baskets,
        )
    except ImportError as error:
        raise Trouble(MISSING) from error


async def _check_sandbox(api: httpx.AsyncClient) -> None:
    try:
        answer = await api.get("/me")
    except httpx.TransportError as error:
        raise Trouble(
            f"There is no API at {api.base_url}: start one with scripts/serve."
        ) from error
    if answer.status_code != httpx.codes.OK:
        raise Trouble(f"The API refuses the key: {answer.json()['detail']}")
    if answer.json()["tenant"]["kind"] != TenantKind.sandbox:
        raise Trouble("The key is of a live tenant: demo data belongs in a sandbox.")
