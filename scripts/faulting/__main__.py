"""`scripts/faults`: kill, repeat, compare. Ends with 1 where anything is lost, doubled or late."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import SystemRandom
from typing import Annotated

import typer
from rich.console import Console

from . import (
    audit,
    bursts,
    defects,
    desk,
    followers,
    imports,
    isolation,
    kills,
    outages,
    page,
    races,
    webhooks,
)
from .parts import Part
from .world import Plan, World, world

PARTS: dict[str, Callable[[World], Awaitable[Part]]] = {
    "bursts": bursts.run,
    "races": races.run,
    "kills": kills.run,
    "outages": outages.run,
    "followers": followers.run,
    "imports": imports.run,
    "webhooks": webhooks.run,
    "desk": desk.run,
    "isolation": isolation.run,
    "audit": audit.run,
    "defects": defects.run,
}
app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
out = Console(soft_wrap=True)


@app.command()
def main(
    scale: Annotated[float, typer.Option(min=0, help="1 is the full figures.")] = 1.0,
    only: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(PARTS)}.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of the plan; else by chance.")] = None,
    write: Annotated[Path | None, typer.Option(help="Write the page here.")] = None,
    history: Annotated[Path | None, typer.Option(help="Append every attempt here.")] = None,
) -> None:
    """Kill servers and the database under writers; look for what is lost or doubled."""
    names = only or list(PARTS)
    if unknown := set(names) - set(PARTS):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: there is no such part.")
    plan = Plan(scale, SystemRandom().getrandbits(31) if seed is None else seed, history)
    out.print(f"--scale {scale:g} --seed {plan.seed}")
    begun = time.monotonic()
    parts = asyncio.run(_run(plan, names))
    page.show(out, parts)
    if write is not None:
        write.write_text(page.page(parts, scale, plan.seed, time.monotonic() - begun))
    if any(part.found for part in parts):
        sys.exit(1)


async def _run(plan: Plan, names: list[str]) -> list[Part]:
    parts = []
    async with world(plan) as made:
        for name in names:
            begun = time.monotonic()
            part = await PARTS[name](made)
            part.found.add_all("refused", made.errors())
            part.did("seconds", f"{time.monotonic() - begun:.0f}")
            parts.append(part)
    return parts


if __name__ == "__main__":
    app()
