"""What each layer costs: processor time per request, with layers added and taken away.

The processor time is that of the server's process, and of PostgreSQL's for it, over bursts of a
fixed number of requests: it depends less than a rate on what else the machine is doing. What a
variant saves is taken from bursts that stand next to each other.
"""

import asyncio
from collections import defaultdict
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from itertools import product
from statistics import median
from urllib.parse import urlencode

import asyncpg

from crm_api.kit.tenancy import SETTINGS

from .burst import burst
from .serving import PLAIN, Served, processor_seconds, serving
from .world import World

KINDS = ("get", "list", "create")
FIRST_PORT, CONNECTIONS = 8470, 3  # so few that the pools of all stacks find place in PostgreSQL
ASKED, BURSTS = 66, 2  # requests on each connection in a burst, bursts in a round
WHOLE = "crm-api"
BACKENDS = (
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' "
    "AND pid <> pg_backend_pid()"
)


@dataclass(frozen=True)
class Stack:
    """A place, and what its process is told."""

    place: str
    said: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Variant:
    """A stack, and what its requests are told."""

    stack: Stack
    header: str = ""


def _floor(place: str, **said: str) -> Variant:
    return Variant(Stack(place, frozenset(said.items())))


def _variant(variant: str = "whole", header: str = "", **said: str) -> Variant:
    told = {"BENCH_VARIANT": variant, **said}
    return Variant(Stack("variants:app", frozenset(told.items())), header)


VARIANTS = {
    "bare floor": _floor("bare:app"),
    "fair floor, no policies": _floor("fair:app", BENCH_AS="owner"),
    "fair floor": _floor("fair:app"),
    "fair floor, own pool": _variant("pooled floor"),
    "the same in Edge, Guard, Packed": _variant("floor in layers"),
    WHOLE: _variant(),
    "the same once more": _variant(),
    "without Edge": _variant("without Edge"),
    "without Guard": _variant("without Guard"),
    "without Packed": _variant("without Packed"),
    "without looking at the key": _variant("knowing"),
    "without quotas": _variant("without quotas"),
    "without deadlines": _variant("without deadlines"),
    "without timing statements": _variant("unwatched"),
    "with an Idempotency-Key": _variant(header="Idempotency-Key: {fresh}\r\n"),
    "rehearsed": _variant(header="Crm-Dry-Run: true\r\n"),
    "with uvicorn's own protocol": _variant(BENCH_HTTP=PLAIN),
    "routed by FastAPI": _variant("routed by FastAPI"),
    "with a log line per request": _variant(BENCH_LOG="info"),
    "for a client that unpacks gzip": _variant(header="Accept-Encoding: gzip\r\n"),
}


@dataclass(frozen=True)
class Cost:
    """Requests a second; microseconds of the server and of PostgreSQL for one of them."""

    rate: float
    server: float
    database: float


Costs = dict[tuple[str, str], list[Cost]]


def layers(world: World, rounds: int) -> Costs:
    """The bursts of each kind and variant: every variant in turn, again and again."""
    stacks = dict.fromkeys(variant.stack for variant in VARIANTS.values())
    costs: Costs = defaultdict(list)
    with ExitStack() as running:
        served = {
            stack: running.enter_context(_serving(FIRST_PORT + n, stack, world))
            for n, stack in enumerate(stacks)
        }
        backends = asyncio.run(_backends(world))
        for kind, _, name in product(KINDS, range(1 + rounds * BURSTS), VARIANTS):
            variant = VARIANTS[name]
            cost = _cost(served[variant.stack], world, kind, variant.header, backends)
            costs[kind, name].append(cost)
    return {at: all[1:] for at, all in costs.items()}  # the first has prepared statements


def _serving(port: int, stack: Stack, world: World) -> AbstractContextManager[Served]:
    """The owner of the tables passes by the policies; with the settings of crm_app, to be fair."""
    said = dict(stack.said)
    past = {"BENCH_DATABASE": f"{world.owner_url}&{urlencode(SETTINGS)}"}
    environment = {"BENCH_POOL": str(CONNECTIONS), **(past if "BENCH_AS" in said else {}), **said}
    return serving(port, stack.place, world, environment)


async def _backends(world: World) -> list[int]:
    database = await asyncpg.connect(world.owner_url)
    pids = [row["pid"] for row in await database.fetch(BACKENDS)]
    await database.close()
    return pids


def _cost(served: Served, world: World, kind: str, header: str, backends: list[int]) -> Cost:
    before = processor_seconds(served.pid), processor_seconds(*backends)
    rate = burst(served.port, world, kind, CONNECTIONS, ASKED, header)
    after = processor_seconds(served.pid), processor_seconds(*backends)
    each = 10**6 / (ASKED * CONNECTIONS)
    return Cost(rate, *((now - then) * each for then, now in zip(before, after, strict=True)))


def table(costs: Costs) -> str:
    heads = " | ".join(f"{kind}: rps | server µs | PostgreSQL µs" for kind in KINDS)
    lines = [f"| | {heads} |", "|---" * (3 * len(KINDS) + 1) + "|"]
    for name in VARIANTS:
        cells = " | ".join(_cells(costs[kind, name], costs[kind, WHOLE]) for kind in KINDS)
        lines.append(f"| {name} | {cells} |")
    return "\n".join(lines)


def _cells(costs: list[Cost], whole: list[Cost]) -> str:
    """Medians; the server's time with its distance from the whole."""
    apart = median(one.server - other.server for one, other in zip(costs, whole, strict=True))
    rate, server = median(c.rate for c in costs), median(c.server for c in costs)
    said = f"{server:.0f} ({apart:+.0f})" if costs is not whole else f"{server:.0f}"
    return f"{rate:.0f} | {said} | {median(c.database for c in costs):.0f}"
