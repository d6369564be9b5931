"""SIGKILL to servers under writers, at named points and at any moment."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle
from random import Random

from .callers import load, repeat_all
from .history import Fate, Write
from .parts import Part
from .points import AFTER_BEGIN, AFTER_COMMIT, BEFORE_COMMIT, IN_FLIGHT
from .servers import Server
from .world import Stage, World

KILLS, WRITES, WRITERS, PAUSE, CUTS = 100, 10_000, 16, 0.05, 0.1
TRANSACTIONS = ("patch", "add-tags", "batch-upsert")
ANY_MOMENT = "any moment"
FATES: dict[tuple[bool, str], Fate] = {
    (True, AFTER_BEGIN): "not done",
    (True, IN_FLIGHT): "not done",
    (True, BEFORE_COMMIT): "not done",
    (True, AFTER_COMMIT): "done",
    (False, IN_FLIGHT): "either",
    (False, AFTER_COMMIT): "done",
}
"""What must have become of a write, by whether it is a transaction and where its server died."""


async def run(world: World) -> Part:
    part, stage = Part("kills"), await world.stage("kills", CUTS)
    plan = _plan(world.plan.times(KILLS, 8), stage.caller.random)
    async with stage.caller.at(world.servers) as caller:
        await stage.some_records()
        async with load(caller, stage.requests, WRITERS, PAUSE):
            for number, (point, kind) in enumerate(plan, start=1):
                await _kill(stage, world, point, kind)
                await stage.written(world.plan.times(WRITES) * number // len(plan))
        answered = len([write for write in stage.history.writes if write.answers])
        await repeat_all(caller)
    part.found.join(await stage.verdict())
    for point in dict.fromkeys(point for point, _ in plan):
        part.did(f"kill -9 of a server: {point}", sum(point == p for p, _ in plan))
    exact = [w for w in stage.history.writes if w.fate != "either" and w.doubts == 1]
    part.did("of these, with one outcome that is right", len(exact))
    part.did("writes with a key", len(stage.history.writes))
    part.did("writes answered, and all asked for again in the end", answered)
    part.did("attempts with an unknown outcome", stage.history.count("unknown"))
    longest = max(write.waited for write in stage.history.writes)
    part.did("longest way to an answer, s", f"{longest:.1f}")
    return part


def _plan(count: int, random: Random) -> list[tuple[str, str]]:
    """Every point in turn, with one kind after the other; a random moment after each four."""
    named = _points(random)
    return [(ANY_MOMENT, "") if n % 5 == 4 else next(named) for n in range(count)]


def _points(random: Random) -> Iterator[tuple[str, str]]:
    kinds: dict[str, list[str]] = {}
    for begun, point in FATES:
        kinds.setdefault(point, []).extend(TRANSACTIONS if begun else ("create",))
    turns = {point: cycle(random.sample(some, len(some))) for point, some in kinds.items()}
    while True:
        yield from ((point, next(turn)) for point, turn in turns.items())


async def _kill(stage: Stage, world: World, point: str, kind: str) -> None:
    """One server dies and is started again; the other goes on."""
    server = stage.caller.random.choice(world.servers)
    if point == ANY_MOMENT:
        await asyncio.sleep(stage.caller.random.uniform(0, 0.3))
        return await server.again()
    write = stage.begun(kind)
    await _die_of(stage, server, write, point)
    restart = asyncio.create_task(server.again())
    if stage.caller.random.random() < 0.5:  # the other half is never asked for again
        await stage.caller.settle(write)
    await restart


async def _die_of(stage: Stage, server: Server, write: Write, point: str) -> None:
    """Raises RuntimeError where the server lives on, so that no point is counted in vain."""
    while server.lives() and not write.answers:
        await stage.caller.attempt(write, server.port, point)
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await server.over()
    if write.answers or write.refusals:
        raise RuntimeError(f"{write.kind} was answered, and the server should have died {point}")
    if write.doubts == 1:
        write.fate = FATES[write.kind in TRANSACTIONS, point]
