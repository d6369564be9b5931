"""The same write fifty times at once, at two servers."""

import asyncio

from .callers import Caller
from .history import Answer, Write
from .parts import Part
from .world import World

WIDTH, CREATES, OTHERS = 50, 200, 20


async def run(world: World) -> Part:
    """Each key has one effect, one first answer, and forty-nine that repeat it word by word."""
    part, stage = Part("bursts"), await world.stage("bursts")
    creates, others = world.plan.times(CREATES, 4), world.plan.times(OTHERS)
    kinds = ["create"] * creates + ["patch", "add-tags", "batch-upsert"] * others
    async with stage.caller.at(world.servers) as caller:
        for kind in kinds:
            write = stage.begun(kind)
            for answer in await _burst(caller, write):
                stage.requests.learn(write, answer)
            _check(write, part)
    part.found.join(await stage.verdict())
    part.did(f"{WIDTH}-way bursts of a create", creates)
    part.did(f"{WIDTH}-way bursts of a transaction", 3 * others)
    part.did("answers", stage.history.count("ok"))
    part.did("told to wait, and repeated", stage.history.count("unknown"))
    return part


async def _burst(caller: Caller, write: Write) -> list[Answer]:
    """One of the answers."""
    heard = await asyncio.gather(*(caller.settle(write) for _ in range(WIDTH)))
    return [answer for answer in heard if answer][:1]


def _check(write: Write, part: Part) -> None:
    firsts = sum(not answer.replayed for answer in write.answers)
    if firsts != 1 or len(write.answers) != WIDTH:
        part.found.add("different", f"{write.key}: {firsts} firsts of {len(write.answers)}")
