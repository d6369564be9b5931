"""`scripts/bench`: the API beside its floors, interleaved; what costs what. All as Markdown."""

import shutil
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from crm_api.kit.embedded import temporary_server

from . import (
    batches,
    deliveries,
    desk,
    growth,
    journal,
    journey,
    ladder,
    layers,
    orders,
    own_fields,
    pipeline,
    prices,
    profiling,
    visibility,
)
from .page import page
from .picture import draw
from .world import World, build


class Part(StrEnum):
    """In the order of measuring: growth makes the table of customers fifteen times larger."""

    ladder = "ladder"
    cost = "cost"
    profile = "profile"
    batches = "batches"
    journal = "journal"
    deliveries = "deliveries"
    growth = "growth"
    own = "own"
    visibility = "visibility"
    pipeline = "pipeline"
    prices = "prices"
    orders = "orders"
    desk = "desk"
    journey = "journey"


@dataclass
class Findings:
    """What was measured: tables by part, and what the picture is drawn from."""

    tables: dict[str, str] = field(default_factory=dict)
    rungs: list[ladder.Rung] = field(default_factory=list)
    grown: growth.Milliseconds = field(default_factory=dict)
    profiles: dict[str, profiling.Profile] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """How much of the parts that can be measured more or less."""

    rounds: int
    journey: journey.Plan


def main(
    parts: Annotated[list[Part] | None, typer.Argument(help="These parts only.")] = None,
    customers: Annotated[int, typer.Option(help="Rows of the ladder, in ten tenants.")] = 100_000,
    rounds: Annotated[int, typer.Option(help="How often each stack is measured.")] = 3,
    baskets: Annotated[
        int | None, typer.Option(min=1, help="Of the journey; all 155,848, when not said.")
    ] = None,
    kills: Annotated[
        int, typer.Option(min=0, help="How often its server dies while orders are loaded.")
    ] = 0,
    write: Annotated[Path | None, typer.Option(help="Write the page, and a picture by it.")] = None,
) -> None:
    """Measure, and print tables of requests a second, shares of the floors, and latencies."""
    if shutil.which("wrk") is None:
        sys.exit("scripts/bench: wrk is needed to make the load: apt install wrk.")
    if sys.platform != "linux":
        sys.exit("scripts/bench: Linux is needed to count the processor time of the servers.")
    with temporary_server() as server:
        asked = Asked(rounds, journey.Plan(baskets, kills))
        found = _measure(build(server, customers), asked, parts or list(Part))
    picture = write.with_suffix(".png") if write and found.rungs and found.grown else None
    drawn = picture.name if picture and draw(found.rungs, found.grown, picture) else None
    text = page(found.tables, customers, profiling.said(found.profiles), drawn)
    sys.stdout.write(text)
    if write is not None:
        write.write_text(text)


ALONE = {
    Part.batches: batches.run,
    Part.journal: journal.run,
    Part.deliveries: deliveries.run,
    Part.own: own_fields.run,
    Part.visibility: visibility.run,
    Part.pipeline: pipeline.run,
    Part.prices: prices.run,
    Part.orders: orders.run,
    Part.desk: desk.run,
}


def _measure(world: World, asked: Asked, parts: list[Part]) -> Findings:
    found = Findings()
    for part in (part for part in Part if part in parts):
        sys.stderr.write(f"scripts/bench: {part} ...\n")
        found.tables[part] = _table(part, world, asked, found)
    return found


def _table(part: Part, world: World, asked: Asked, found: Findings) -> str:
    match part:
        case Part.ladder:
            found.rungs = ladder.ladder(world, asked.rounds)
            return ladder.table(found.rungs)
        case Part.cost:
            return layers.table(layers.layers(world, asked.rounds))
        case Part.profile:
            found.profiles = profiling.profiles(world)
            return profiling.table(found.profiles)
        case Part.growth:
            found.grown = growth.growth(world)
            return growth.table(found.grown)
        case Part.journey:
            return journey.run(world, asked.journey)
        case _:
            return ALONE[part](world)


if __name__ == "__main__":
    typer.run(main)
