"""`crm-api audit ...`: whether the journal is as it was written, and what proves it."""

import asyncio
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from pydantic import BaseModel, TypeAdapter, ValidationError
from rich.console import Console

from crm_api.kit.context import House
from crm_api.kit.times import Timestamp
from crm_api.platform.audit.registry import AuditRegistry
from crm_api.platform.audit.rules import Finding
from crm_api.platform.audit.verifier import Verdict
from crm_api.platform.journal.rules import Place
from crm_api.platform.organization.registry import TenantRegistry
from crm_api.platform.organization.resource import TENANT
from crm_api.platform.organization.schemas import TenantId
from crm_api.settings import Settings

from .surroundings import database
from .trouble import Trouble
from .unit import opened

AT_ONCE = 1000
EVER = datetime(1800, 1, 1, tzinfo=UTC)
app = typer.Typer(help="The journal: that nobody has changed it.", no_args_is_help=True)
out = Console(soft_wrap=True)
OneTenant = Annotated[str, typer.Option(metavar="TENANT", help="Only this one; else all.")]


class Kept(BaseModel):
    """A line of what `checkpoints` prints."""

    tenant: TenantId
    sequence: int
    hash: bytes
    created_at: Timestamp

    model_config = {"val_json_bytes": "hex", "ser_json_bytes": "hex"}


@app.command()
def verify(
    tenant: OneTenant = "",
    checkpoints: Annotated[
        Path | None, typer.Option(help="A file of lines that `audit checkpoints` printed.")
    ] = None,
) -> None:
    """Walk the chain of events and say what is wrong; status 1 if anything is."""
    with database() as settings:
        wrong = asyncio.run(_verify(settings, tenant, checkpoints))
    raise typer.Exit(wrong)


@app.command("checkpoints")
def print_checkpoints(
    tenant: OneTenant = "",
    since: Annotated[str, typer.Option(metavar="TIME", help="Only from this time on.")] = "",
) -> None:
    """Print the checkpoints as JSON lines, to be kept where nobody can change them."""
    with database() as settings:
        asyncio.run(_print(settings, tenant, _time(since) if since else EVER))


def _time(text: str) -> datetime:
    try:
        return TypeAdapter[datetime](Timestamp).validate_python(text)
    except ValidationError as error:
        raise Trouble("Send a time with its offset, such as 2026-01-31T12:00:00Z.") from error


async def _print(settings: Settings, tenant: str, since: datetime) -> None:
    async with opened(settings) as house:
        for id in await _chosen(house, tenant):
            async for row in AuditRegistry(house).checkpoints(id, since):
                kept = Kept(
                    tenant=id, sequence=row.sequence, hash=row.hash, created_at=row.created_at
                )
                sys.stdout.write(f"{kept.model_dump_json()}\n")


async def _chosen(house: House, tenant: str) -> list[UUID]:
    known = [row.tenant_id for row in await TenantRegistry(house).list()]
    chosen = [id for id in known if tenant in ("", TENANT.prefix.write(id))]
    if tenant and not chosen:
        raise Trouble(f"There is no tenant {tenant}: see crm-api tenant list.")
    return chosen


async def _verify(settings: Settings, tenant: str, file: Path | None) -> bool:
    wrong = False
    async with opened(settings) as house:
        audit = AuditRegistry(house)
        for id in await _chosen(house, tenant):
            verdict = await audit.verify(id)
            out.print(f"{TENANT.prefix.write(id)}  {_said(verdict)}")
            wrong |= verdict.wrong is not None
        if file is not None:
            found = await _compare(audit, _read(file), tenant)
            for id, finding in found.items():
                out.print(f"{TENANT.prefix.write(id)}  {_told(finding)}")
            wrong |= bool(found)
    return wrong


def _said(verdict: Verdict) -> str:
    counted = f"{verdict.verified} events verified, {verdict.erased} of them without their values"
    if verdict.cut:
        counted = f"{counted}, those up to {verdict.cut} dropped by policy"
    waiting = f", {verdict.waiting} wait for the worker" if verdict.waiting else ""
    if verdict.wrong is None:
        return f"[green]ok[/green]   {counted}{waiting}"
    return f"{_told(verdict.wrong)}; before it, {counted}"


def _told(finding: Finding) -> str:
    return f"[red]bad[/red]  {finding.place} {finding.said}"


async def _compare(audit: AuditRegistry, kept: Iterable[Kept], tenant: str) -> dict[UUID, Finding]:
    """The first checkpoint of each tenant that its chain does not bear out."""
    found: dict[UUID, Finding] = {}
    while some := list(islice(kept, AT_ONCE)):
        for id in {one.tenant for one in some if tenant in ("", TENANT.prefix.write(one.tenant))}:
            places = [Place(one.sequence, one.hash) for one in some if one.tenant == id]
            if finding := await audit.compare(id, places):
                found[id] = min(found.get(id, finding), finding, key=lambda f: f.sequence or 0)
    return found


def _read(file: Path) -> Iterator[Kept]:
    try:
        with file.open("rb") as lines:
            yield from (Kept.model_validate_json(line) for line in lines if line.strip())
    except OSError as error:
        raise Trouble(f"{file} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        raise Trouble(f"{file} has a line that is no checkpoint.") from error
