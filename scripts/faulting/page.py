"""What is said in the end: on the terminal, and as the page docs/faults.md."""

import os
import platform
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from .findings import DAMAGES, MEANING, Damage
from .parts import Part

TEXT = """\
# Faults

Made by `scripts/faults --write docs/faults.md`. Two server processes at one database, real sockets,
callers that give each write a key and repeat it until it is answered; some hang up before the
answer. The part `isolation` has a process of its own, with five connections for many callers.
PostgreSQL runs with `fsync`, `synchronous_commit` and `full_page_writes`. Processes are killed with
SIGKILL, so what is shown is the loss of processes, not of power. {cores} cores, Python {python},
scale {scale:g}, seed {seed}, {seconds:.0f} s.

## What was done

{done}

## What was found

Callers note every attempt as invoked, answered, refused or unknown. In the end this history is
compared with the tables: effects, kept answers, events and their data, versions, indexes.

{found}

## Whether it would be noticed

The same checks, with servers that have a defect each. All of these must be found.

{defects}

## Not shown

Loss of power, a full disk, a standby that takes over, a network that delays or halves packets.
"""
DEFECTS = "defects"


def page(parts: Sequence[Part], scale: float, seed: int, seconds: float) -> str:
    sound = [part for part in parts if part.name != DEFECTS]
    seeded = [part for part in parts if part.name == DEFECTS]
    return TEXT.format(
        cores=os.cpu_count(),
        python=platform.python_version(),
        scale=scale,
        seed=seed,
        seconds=seconds,
        done=_rows(("part", "what", "figure"), _done(sound)),
        found=_rows(("damage", "", *(p.name for p in sound)), _found(sound, MEANING)),
        defects=_rows(("defect", "found"), [row[1:] for row in _done(seeded)[:-1]]),
    )


def _done(parts: Sequence[Part]) -> list[tuple[str, ...]]:
    return [(part.name, what.strip(), figure) for part in parts for what, figure in part.done]


def _found(parts: Sequence[Part], words: Mapping[Damage, str]) -> list[tuple[str, ...]]:
    return [
        (damage, words[damage], *(str(part.found.count(damage)) for part in parts))
        for damage in DAMAGES
    ]


def _rows(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def show(out: Console, parts: Sequence[Part]) -> None:
    found = [(row[0], *row[2:]) for row in _found(parts, MEANING)]
    for heads, rows in (
        (("part", "what", "figure"), _done(parts)),
        (("damage", *(part.name for part in parts)), found),
    ):
        table = Table(*heads)
        for row in rows:
            table.add_row(*row)
        out.print(table)
    for part in parts:
        for line in part.found.lines():
            out.print(f"{part.name}: {line}", style="red", markup=False)
