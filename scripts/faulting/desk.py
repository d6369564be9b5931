"""Workers die of tickets that are due: every breach and every step is told once, as loads are."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from random import Random
from typing import Any
from uuid import UUID

import httpx

from .findings import Damage, Findings
from .flaws import OF_SWEEPING
from .parts import Part
from .points import AFTER_COMMIT, BEFORE_COMMIT, POINTS
from .processes import begin, ended
from .product import sweep
from .world import Stage, World

TICKETS, KILLS, WORKERS, AGENTS, BATCH, MOST_SECONDS = 2_000, 100, 3, 4, 100, 900.0
FEW, ROUNDS, WAVES, SPAN, PAUSE, AN_HOUR = 8, 3, 12, 4_500, 0.15, 3_600
STEPS = (
    ("first_response", "notify", 50, None),
    ("first_response", "raise_priority", 100, None),
    ("first_response", "reassign", None, 5),
    ("resolution", "notify", None, -10),
    ("resolution", "reassign", 100, None),
    ("resolution", "raise_priority", None, 10),
)
TARGETS = {
    priority: {"first_response_minutes": 10, "resolution_minutes": minutes}
    for priority, minutes in (("normal", 50), ("high", 40), ("urgent", 40))
}
STEP = "concat_ws(' ', {0}->>'action', {0}->>'at_percent', {0}->>'at_minutes')"
TOLD = f"""
SELECT ticket_id AS id, concat_ws(' ', 'clock', clock, kind) AS what FROM sla_events
WHERE tenant_id = $1 AND kind = 'breached'
UNION ALL SELECT ticket_id, concat_ws(' ', 'step', clock, {STEP.format("details")}) FROM sla_events
WHERE tenant_id = $1 AND kind = 'escalated'
UNION ALL SELECT object_id, type FROM events
WHERE tenant_id = $1 AND (type LIKE 'ticket.%\\_breached' OR type = 'ticket.routed')
UNION ALL SELECT e.object_id, concat_ws(' ', 'told', step->>'clock', {STEP.format("step")})
FROM events e JOIN event_values v ON v.tenant_id = e.tenant_id AND v.event_id = e.id
CROSS JOIN jsonb_array_elements(v.changes::jsonb->'escalations'->'new') step
WHERE e.tenant_id = $1 AND e.type = 'ticket.escalated'
UNION ALL SELECT id, 'priority ' || priority FROM tickets WHERE tenant_id = $1"""
LOADS = """
SELECT a.id, l.load, (SELECT count(*) FROM tickets t WHERE t.tenant_id = $1
  AND t.assignee_id = a.user_id) AS has
FROM agents a JOIN agent_loads l ON l.tenant_id = a.tenant_id AND l.agent_id = a.id
WHERE a.tenant_id = $1"""
TICKETS_OF = "SELECT id FROM tickets WHERE tenant_id = $1"
WAITING = "SELECT count(*) FROM timers WHERE tenant_id = $1 AND kind = 'tickets'"
BEGUN = "SELECT count(*) FROM sla_events WHERE tenant_id = $1 AND kind = 'escalated'"
ONCE, CLOCKS = range(1, 2), ("first_response", "resolution")
WANTED = {
    **{f"clock {clock} breached": ONCE for clock in CLOCKS},
    **{f"ticket.{clock}_breached": ONCE for clock in CLOCKS},
    **{
        " ".join(map(str, (how, *(one for one in step if one is not None)))): ONCE
        for how in ("step", "told")
        for step in STEPS
    },
    "ticket.routed": range(2, 4),
    "priority urgent": ONCE,
}
"""What is there of every ticket in the end, and how often. Who looks so late that both steps that
reassign it are due gives it to somebody else once."""
EXPECTED: dict[str, tuple[Damage, str]] = dict(
    zip(
        OF_SWEEPING,
        (("lost", BEFORE_COMMIT), ("doubled", AFTER_COMMIT), ("torn", AFTER_COMMIT)),
        strict=True,
    )
)
Json = dict[str, Any]
Loads = Sequence[tuple[UUID, int, int]]


@dataclass(frozen=True)
class Deaths:
    """How often workers are killed, and of which looks at tickets they die where."""

    kills: int
    points: Sequence[str]
    one_in: int
    flaw: str = ""


class Workers:
    """Several at once; whoever has died is replaced."""

    def __init__(self, url: str, deaths: Deaths) -> None:
        self.given = (url, deaths.points, deaths.one_in, deaths.flaw)
        self.deaths = 0
        self.all = [self._one() for _ in range(WORKERS)]

    def kill(self, random: Random) -> None:
        random.choice(self.all).kill()

    async def replace(self) -> None:
        while True:
            for place, worker in enumerate(self.all):
                if worker.exitcode is not None:
                    self.deaths += 1
                    self.all[place] = self._one()
            await asyncio.sleep(0.02)

    def _one(self) -> BaseProcess:
        return begin(sweep, *self.given)


@asynccontextmanager
async def working(url: str, deaths: Deaths) -> AsyncIterator[Workers]:
    workers = Workers(url, deaths)
    replacing = asyncio.create_task(workers.replace())
    try:
        yield workers
    finally:
        replacing.cancel()
        for worker in workers.all:
            worker.kill()
            await ended(worker)


class Desk:
    """Agents of one queue, and tickets under a policy with all that it may call for."""

    def __init__(self, stage: Stage, api: httpx.AsyncClient) -> None:
        self.stage, self.api, self.random = stage, api, stage.caller.random
        self.users: list[str] = []
        self.by_hand = Counter[int]()

    async def open(self, tickets: int) -> None:
        self.users = [await self._user(n) for n in range(AGENTS)]
        agents = [await self._agent(user) for user in self.users]
        await self._id("queues", name="All", member_ids=agents, is_default=True)
        names = ("clock", "action", "at_percent", "at_minutes")
        steps = [dict(zip(names, step, strict=True)) for step in STEPS]
        said = {"is_default": True, "targets": TARGETS, "escalations": steps}
        await self._id("sla-policies", name="All", **said)
        about = {
            "requester_id": await self._id("customers", kind="person", name="王小芳"),
            "business_unit_id": await self._id("business-units", name="Shop", kind="shop"),
        }
        for first in range(0, tickets, BATCH):
            await self._tickets(about, range(first, min(first + BATCH, tickets)))

    async def advance(self, seconds: int) -> None:
        """Raises HTTPStatusError, but where the clock is busy: then it is advanced another time."""
        moved = await self.api.post("/sandbox/clock/advance", json={"seconds": seconds})
        if moved.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            moved.raise_for_status()

    async def assign(self, tickets: Sequence[UUID]) -> None:
        """Without end, to anybody, while workers do so too."""
        while True:
            place = f"/tickets/tic_{self.random.choice(tickets).hex}/assign"
            said = {"assignee_id": self.random.choice(self.users)}
            self.by_hand[(await self.api.post(place, json=said)).status_code] += 1
            await asyncio.sleep(self.random.uniform(0, 0.1))

    async def _user(self, number: int) -> str:
        user = await self._id("users", name=f"Agent {number}")
        (await self.api.post(f"/users/{user}/activate")).raise_for_status()
        return user

    async def _agent(self, user: str) -> str:
        agent = await self._id("agents", user_id=user, capacity=1000)
        (await self.api.post(f"/agents/{agent}/go-online")).raise_for_status()
        return agent

    async def _tickets(self, about: Json, numbers: range) -> None:
        items = [{"external_id": str(n), "data": {**about, "subject": f"No. {n}"}} for n in numbers]
        body = {"system": "helpdesk", "items": items}
        told = (await self.api.post("/tickets/batch-upsert", json=body)).raise_for_status().json()
        assert all(one["outcome"] == "created" for one in told["data"]), told

    async def _id(self, path: str, **said: Any) -> str:
        answer = await self.api.post(f"/{path}", json=said)
        return str(answer.raise_for_status().json()["id"])


async def run(world: World) -> Part:
    part, tickets = Part("desk"), world.plan.times(TICKETS, 20)
    deaths = Deaths(world.plan.times(KILLS, 4), POINTS, 25)
    part.found, died, by_hand = await _swept(world, "desk", tickets, deaths)
    part.did(f"tickets, swept by {WORKERS} workers at once", tickets)
    part.did("breaches, each told once", 2 * tickets)
    part.did("steps, each taken once", len(STEPS) * tickets)
    part.did("kill -9 of a worker, a part of them in the midst of a ticket", died)
    part.did("tickets assigned by hand meanwhile", by_hand)
    for flaw, (damage, point) in EXPECTED.items():
        found = await _noticed(world, flaw, damage, Deaths(0, [point], 4, flaw))
        if not found.count(damage):
            part.found.add("lost", f"nobody noticed: {flaw}")
        counts = [f"{len(what)} {damage}" for damage, what in found.all.items()]
        part.did(f"found of a defect: {flaw}", ", ".join(counts) or "nothing")
    return part


async def _noticed(world: World, flaw: str, damage: Damage, deaths: Deaths) -> Findings:
    """Some do harm only where a worker dies in a certain moment; it has several chances."""
    found = Findings()
    for number in range(ROUNDS):
        if not found.count(damage):
            found, _, _ = await _swept(world, f"{flaw} {number}", FEW, deaths)
    return found


async def _swept(
    world: World, name: str, tickets: int, deaths: Deaths
) -> tuple[Findings, int, int]:
    """What is wrong when all is over; how many workers died; what was assigned by hand."""
    stage = await world.stage(name)
    async with _api(stage) as api:
        desk = Desk(stage, api)
        await desk.open(tickets)
        async with working(world.database.app_url(), deaths) as workers:
            found = await _through(stage, desk, workers, deaths.kills)
    found.join(await _compared(stage))
    odd = {status: times for status, times in desk.by_hand.items() if status not in (200, 503)}
    found.add_all("refused", (f"{n} assignments: {status}" for status, n in odd.items()))
    return found, workers.deaths, desk.by_hand[200]


def _api(stage: Stage) -> httpx.AsyncClient:
    url = f"http://127.0.0.1:{stage.world.servers[0].port}/v1"
    return httpx.AsyncClient(base_url=url, headers=stage.caller.headers, timeout=60)


async def _through(stage: Stage, desk: Desk, workers: Workers, kills: int) -> Findings:
    """In waves, until no ticket has anything before it."""
    found, owner = Findings(), await stage.world.database.connect()
    tickets = [row["id"] for row in await owner.fetch(TICKETS_OF, stage.tenant)]
    assigning = asyncio.create_task(desk.assign(tickets))
    try:
        async with asyncio.timeout(MOST_SECONDS):
            await _waves(stage, desk, workers, kills)
            while await owner.fetchval(WAITING, stage.tenant):
                await desk.advance(AN_HOUR)
                await asyncio.sleep(PAUSE)
    except TimeoutError:
        found.add("stuck", "tickets whose time has come, and nobody looks")
    assigning.cancel()
    with suppress(asyncio.CancelledError):
        await assigning
    await owner.close()
    return found


async def _waves(stage: Stage, desk: Desk, workers: Workers, kills: int) -> None:
    """As soon as workers are at it, some steps are due, some workers die, and so on."""
    owner, waves = await stage.world.database.connect(), max(kills, WAVES)
    for wave in range(waves):
        await desk.advance(SPAN // waves)
        while not await owner.fetchval(BEGUN, stage.tenant):
            await desk.advance(1)
            await asyncio.sleep(PAUSE)
        await asyncio.sleep(desk.random.uniform(0, 2 * PAUSE))
        if wave * kills // waves < (wave + 1) * kills // waves:
            workers.kill(desk.random)
    await owner.close()


async def _compared(stage: Stage) -> Findings:
    owner = await stage.world.database.connect()
    told = Counter((row["id"], row["what"]) for row in await owner.fetch(TOLD, stage.tenant))
    tickets = [row["id"] for row in await owner.fetch(TICKETS_OF, stage.tenant)]
    loads = [(row["id"], row["load"], row["has"]) for row in await owner.fetch(LOADS, stage.tenant)]
    await owner.close()
    return compare(tickets, told, loads)


def compare(tickets: Sequence[UUID], told: Counter[tuple[UUID, str]], loads: Loads) -> Findings:
    """Of every ticket all that is wanted and nothing else, and loads that are what agents have."""
    found = Findings()
    for ticket in tickets:
        for what, times in WANTED.items():
            there = told[ticket, what]
            if there not in times:
                found.add("lost" if there < times.start else "doubled", f"{ticket}: {there} {what}")
    odd = (key for key in told if key[1] not in WANTED)
    found.add_all("uncalled-for", (f"{ticket}: {what}" for ticket, what in odd))
    wrong = (
        f"agent {id} has {has}, and a load of {load}" for id, load, has in loads if load != has
    )
    found.add_all("torn", wrong)
    return found
