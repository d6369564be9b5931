"""Every stack in turn, round by round, so that a busy moment hits all of them."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from statistics import median

from . import database
from .load import Measured, measure
from .serving import serving
from .world import World

STACKS = {"bare floor": "bare:app", "fair floor": "fair:app", "crm-api": "product:whole --factory"}
ALONE = {"PostgreSQL, bare SQL": "bare", "PostgreSQL, API's SQL": "fair"}
KINDS = ("get", "list", "create", "mixed", "search")
FIRST_PORT, SECONDS = 8460, 2
Runs = dict[str, Callable[[], Measured]]


@dataclass(frozen=True)
class Rung:
    """Medians of one stack: requests a second, milliseconds."""

    kind: str
    stack: str
    rate: float
    median: float
    slow: float


def ladder(world: World, rounds: int) -> list[Rung]:
    """The stacks for each kind of request, and PostgreSQL alone where one statement is all."""
    with ExitStack() as running:
        ports = {
            name: running.enter_context(serving(FIRST_PORT + n, place, world)).port
            for n, (name, place) in enumerate(STACKS.items())
        }
        return [rung for kind in KINDS for rung in _rungs(kind, _runs(kind, ports, world), rounds)]


def _runs(kind: str, ports: dict[str, int], world: World) -> Runs:
    runs: Runs = {}
    if kind in database.KINDS:
        runs |= {n: partial(database.alone, world, f, kind, SECONDS) for n, f in ALONE.items()}
    for name, port in ports.items():
        if (kind, name) != ("search", "bare floor"):  # which has nothing to search with
            runs[name] = partial(measure, port, world, kind, SECONDS)
    return runs


def _rungs(kind: str, runs: Runs, rounds: int) -> Iterator[Rung]:
    taken: defaultdict[str, list[Measured]] = defaultdict(list)
    for _ in range(rounds):
        for name, run in runs.items():
            taken[name].append(run())
    for name, all in taken.items():
        rate, middle = median(m.rate for m in all), median(m.median for m in all)
        yield Rung(kind, name, rate, middle, median(m.slow for m in all))


def table(rungs: list[Rung]) -> str:
    lines = ["| operation | stack | rps | of bare | of fair | p50 ms | p99 ms |", "|---" * 7 + "|"]
    rates = {(rung.kind, rung.stack): rung.rate for rung in rungs}
    for rung in rungs:
        floors = [rates.get((rung.kind, floor)) for floor in ("bare floor", "fair floor")]
        shares = [f"{rung.rate / floor:.2f}" if floor else "" for floor in floors]
        figures = [_figure(rung.rate, 0), *shares, _figure(rung.median, 2), _figure(rung.slow, 2)]
        lines.append(f"| {rung.kind} | {rung.stack} | {' | '.join(figures)} |")
    return "\n".join(lines)


def _figure(value: float, digits: int) -> str:
    """Nothing, where it was not measured."""
    return f"{value:.{digits}f}" if value == value else ""
