"""A hundred callers change the same version of a record at once."""

import asyncio
import json
from collections import Counter

import httpx

from .history import Answer, Write
from .parts import Part
from .world import Stage, World

WIDTH, RECORDS = 100, 100
READ_AS = '"1"'


async def run(world: World) -> Part:
    """One of them does, the others are told; nothing is overwritten unseen."""
    part, stage = Part("races"), await world.stage("races")
    records = world.plan.times(RECORDS, 3)
    heard: Counter[int] = Counter()
    async with stage.caller.at(world.servers):
        for _ in range(records):
            heard += await _race(stage, part)
    part.found.join(await stage.verdict())
    part.did(f"{WIDTH} PATCHes of one ETag, records", records)
    for status, count in sorted(heard.items()):
        part.did(f"answers {status}", count)
    return part


async def _race(stage: Stage, part: Part) -> Counter[int]:
    create = await stage.settled("create")
    path = create.answers[0].location or ""
    names = [f"{create.marks[0]}-{number}" for number in range(WIDTH)]
    heard = await asyncio.gather(*(_patch(stage, path, name) for name in names))
    final = await next(iter(stage.caller.clients.values())).get(path)
    won = [(name, r) for name, r in zip(names, heard, strict=True) if r.status_code == 200]
    statuses = Counter(response.status_code for response in heard)
    if statuses != {200: 1, 412: WIDTH - 1}:
        part.found.add("different", f"{path}: {dict(statuses)}")
    record = json.loads(final.content)
    if record["version"] != 2 or [record["name"]] != [name for name, _ in won]:
        part.found.add("lost", f"{path}: {record['version']}, {record['name']}")
    for name, response in won:
        winner = Write("", "raced", "PATCH", path, {}, (name,), [Answer.of(response)])
        stage.history.writes.append(winner)
    return statuses


async def _patch(stage: Stage, path: str, name: str) -> httpx.Response:
    """Repeated, without a key, only where it was told that nothing has been done."""
    while True:
        client = stage.caller.random.choice(list(stage.caller.clients.values()))
        response = await client.patch(path, json={"name": name}, headers={"If-Match": READ_AS})
        if response.status_code != 503:
            return response
        await asyncio.sleep(stage.caller.random.uniform(0.05, 0.3))
