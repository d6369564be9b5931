"""`crm-api tenant ...`: tenants and their first keys; also the way back in when keys are lost."""

import asyncio
import re
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from crm_api.kit.actor import Tenant
from crm_api.platform.organization.models import TenantKind
from crm_api.platform.organization.registry import TenantRegistry
from crm_api.platform.organization.resource import TENANT
from crm_api.platform.organization.schemas import TenantCreate
from crm_api.settings import Settings

from .surroundings import database
from .trouble import Trouble
from .unit import known_tenant, new_key, new_tenant, opened

app = typer.Typer(help="Tenants of this installation, and their keys.", no_args_is_help=True)
out = Console(soft_wrap=True)
TenantName = Annotated[str, typer.Argument(metavar="TENANT", help="ten_... as `list` shows it.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Of the group company.")],
    kind: Annotated[TenantKind, typer.Option(help="For life.")] = TenantKind.live,
    currency: Annotated[str, typer.Option(help="ISO 4217 base currency.")] = "CNY",
    zone: Annotated[str, typer.Option(help="IANA time zone.")] = "Asia/Shanghai",
    phone_region: Annotated[str, typer.Option(help="Of numbers without country code.")] = "CN",
) -> None:
    """Create a tenant and show its first key, which may do everything."""
    settled = TenantCreate(
        name=name, kind=kind, base_currency=currency, time_zone=zone, phone_region=phone_region
    )
    with database() as settings:
        tenant, secret = asyncio.run(_created(settings, settled))
    out.print(f"{TENANT.prefix.write(tenant.id)}  {escape(tenant.name)} ({kind.value})")
    out.print(f"Key, shown this once: [bold]{secret}[/bold]")


@app.command("list")
def list_tenants() -> None:
    """Show all tenants."""
    with database() as settings:
        rows = asyncio.run(_listed(settings))
    id = Column("Tenant", no_wrap=True, min_width=36)
    table = Table(id, "Name", "Kind", "Since", "State")
    for row, name in rows:
        state = "suspended" if row.suspended_at else "active"
        table.add_row(
            TENANT.prefix.write(row.tenant_id),
            escape(name),
            row.kind,
            f"{row.created_at:%F}",
            state,
        )
    out.print(table)


@app.command()
def suspend(tenant: TenantName) -> None:
    """Refuse all keys of a tenant, within a second. Nothing is deleted."""
    _suspend(tenant, suspended=True)


@app.command()
def resume(tenant: TenantName) -> None:
    """Admit the keys of a suspended tenant again."""
    _suspend(tenant, suspended=False)


@app.command()
def key(
    tenant: TenantName,
    name: Annotated[str, typer.Option(help="For people who list keys.")] = "Recovery key",
) -> None:
    """Make a new key that may do everything in a tenant, and show it."""
    with database() as settings:
        secret = asyncio.run(_key(settings, _id(tenant), name))
    out.print(f"Key, shown this once: [bold]{secret}[/bold]")


@app.command()
def limit(
    tenant: TenantName,
    requests: Annotated[
        int | None,
        typer.Argument(min=1, max=1_000_000_000, help="In a window; without it as many as all."),
    ] = None,
) -> None:
    """Give a tenant a rate limit of its own, within a second; its keys get their share of it."""
    with database() as settings:
        known = asyncio.run(_limited(settings, _id(tenant), requests))
    _check(known, tenant)
    out.print(f"{tenant} may send {requests or 'the usual number of'} requests in a window.")


def _check(known: bool, text: str) -> None:
    if not known:
        raise Trouble(f"There is no tenant {text}: see crm-api tenant list.")


def _id(text: str) -> UUID:
    if re.fullmatch(TENANT.prefix.pattern, text) is None:
        raise Trouble(f"A tenant's id looks like {TENANT.prefix.name}_0123...: see list.")
    return TENANT.prefix.read(text)


def _suspend(text: str, *, suspended: bool) -> None:
    with database() as settings:
        known = asyncio.run(_suspended(settings, _id(text), suspended=suspended))
    _check(known, text)
    out.print(f"{text} is {'suspended' if suspended else 'active'}.")


async def _created(settings: Settings, settled: TenantCreate) -> tuple[Tenant, str]:
    async with opened(settings) as house:
        return await new_tenant(house, settled)


async def _key(settings: Settings, id: UUID, name: str) -> str:
    async with opened(settings) as house:
        return await new_key(house, await known_tenant(house, id), name=name)


async def _listed(settings: Settings) -> list[tuple[Any, str]]:
    async with opened(settings) as house:
        rows = await TenantRegistry(house).list()
        return [(row, (await known_tenant(house, row.tenant_id)).name) for row in rows]


async def _suspended(settings: Settings, id: UUID, *, suspended: bool) -> bool:
    async with opened(settings) as house:
        return await TenantRegistry(house).suspend(id, suspended=suspended)


async def _limited(settings: Settings, id: UUID, requests: int | None) -> bool:
    async with opened(settings) as house:
        return await TenantRegistry(house).limit(id, requests)
