"""Whether any of this would be noticed: servers with a defect each, and the same checks."""

from .callers import repeat_all
from .findings import Damage, Findings
from .flaws import FLAWS
from .parts import Part
from .points import AFTER_COMMIT
from .world import World

EXPECTED: dict[str, Damage] = dict(
    zip(FLAWS, ("doubled", "lost", "different", "gaps"), strict=True)
)
TRANSACTIONS = ("patch", "add-tags", "batch-upsert")


async def run(world: World) -> Part:
    """A defect that is not found for what it is is what is wrong here."""
    part = Part("defects")
    for flaw, damage in EXPECTED.items():
        found = await _round(world, flaw)
        if not found.count(damage):
            part.found.add("lost", f"nobody noticed: {flaw}")
        counts = [f"{len(what)} {damage}" for damage, what in found.all.items()]
        part.did(flaw, ", ".join(counts) or "nothing")
    return part


async def _round(world: World, flaw: str) -> Findings:
    """Some writes, a death, two looks at the database: before and after all is repeated."""
    stage, server = await world.stage(flaw), await world.server(flaw)
    async with stage.caller.at([server]) as caller:
        for kind in ("create", "create", *TRANSACTIONS * 4):
            await stage.settled(kind)
        write = stage.begun("create")
        await caller.attempt(write, server.port, AFTER_COMMIT)
        await server.again()
        await caller.settle(write)
        found = await stage.verdict()
        await repeat_all(caller)
    found.join(await stage.verdict())
    await server.kill()
    return found
