"""SIGKILL to PostgreSQL, and to single sessions of it; the servers stay."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import httpx

from .callers import load, repeat_all
from .parts import Part
from .servers import Server
from .world import Stage, World

KILLS, SESSIONS, WRITERS, PAUSE, CUTS = 10, 100, 16, 0.08, 0.05
AWAY, EVERY = 1.5, 0.05
PROMISED_ANSWER, PROMISED_RETURN = 2.0, 5.0
AT_ONCE = 20
TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE usename = 'crm_app' ORDER BY random() LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer to a reader: when it was asked for, after how many seconds it came, and what."""

    at: float
    seconds: float
    status: int
    retry: bool


async def run(world: World) -> Part:
    part, stage = Part("outages"), await world.stage("outages", CUTS)
    kills, sessions = world.plan.times(KILLS), world.plan.times(SESSIONS, 5)
    away: list[Seen] = []
    returns: list[float] = []
    async with stage.caller.at(world.servers) as caller:
        await stage.some_records()
        async with load(caller, stage.requests, WRITERS, PAUSE):
            for _ in range(kills):
                await asyncio.sleep(caller.random.uniform(0.5, 1.5))
                returns.append(await _outage(world, stage, part, away))
            await _end_sessions(world, sessions)
        await repeat_all(caller)
    part.found.join(await stage.verdict())
    part.did("kill -9 of PostgreSQL, all processes", kills)
    part.did("answers to readers meanwhile, all 503 with Retry-After", len(away))
    part.did("slowest of these, s", f"{max(one.seconds for one in away):.2f}")
    part.did("longest way back to 200, s after PostgreSQL answers", f"{max(returns):.2f}")
    part.did("sessions of servers ended by PostgreSQL", sessions)
    longest = max(write.waited for write in stage.history.writes)
    part.did("longest way to an answer, outage included, s", f"{longest:.1f}")
    part.did("writes with a key, all asked for again in the end", len(stage.history.writes))
    return part


async def _outage(world: World, stage: Stage, part: Part, away: list[Seen]) -> float:
    """Seconds from PostgreSQL's first answer to the servers' last refusal."""
    seen: list[Seen] = []
    async with _readers(stage, world.servers, seen):
        killed = await world.database.kill()
        await asyncio.sleep(AWAY)
        await world.database.start()
        back = time.monotonic()
        await asyncio.sleep(1)
    after = [one for one in seen if one.at > killed]
    meanwhile = [one for one in after if one.at + one.seconds < back]
    away += meanwhile
    part.found.add_all("late", (f"{one}" for one in after if one.seconds > PROMISED_ANSWER))
    wrong = (f"meanwhile: {one}" for one in meanwhile if one.status != 503 or not one.retry)
    part.found.add_all("refused", wrong)
    took = max(0.0, *(one.at + one.seconds - back for one in after if one.status != 200), 0.0)
    if took > PROMISED_RETURN or not await _all_well(stage, world.servers):
        part.found.add("late", f"back after {took:.1f} s")
    return took


@asynccontextmanager
async def _readers(
    stage: Stage, servers: Sequence[Server], seen: list[Seen]
) -> AsyncIterator[None]:
    """One reader at each server, who asks twenty times a second."""
    over = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for server in servers:
            group.create_task(_read(stage, server.port, over, seen))
        await asyncio.sleep(2 * EVERY)
        try:
            yield
        finally:
            over.set()


async def _read(stage: Stage, port: int, over: asyncio.Event, seen: list[Seen]) -> None:
    while not over.is_set():
        begun = time.monotonic()
        status, retry = await _ask(stage.caller.clients[port])
        seen.append(Seen(begun, time.monotonic() - begun, status, retry))
        await asyncio.sleep(EVERY)


async def _ask(client: httpx.AsyncClient) -> tuple[int, bool]:
    try:
        response = await client.get("/v1/customers?limit=1")
    except httpx.TransportError:
        return 0, False
    return response.status_code, "retry-after" in response.headers


async def _all_well(stage: Stage, servers: Sequence[Server]) -> bool:
    """More readers at once than a server has connections: none of these is broken."""
    clients = [stage.caller.clients[server.port] for server in servers] * AT_ONCE
    return {status for status, _ in await asyncio.gather(*map(_ask, clients))} == {200}


async def _end_sessions(world: World, count: int) -> None:
    owner: asyncpg.Connection[asyncpg.Record] = await world.database.connect()
    for _ in range(count):
        await owner.execute(TERMINATE)
        await asyncio.sleep(0.1)
    await owner.close()
