"""Callers as they should be: a key for each write, and the same again until there is an answer."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random

import httpx

from .history import Answer, History, Write
from .points import HEADER
from .requests import Requests
from .servers import Server

PATIENCE, STUCK = 10.0, 60.0
CUT, CUT_SECONDS = 0.1, 0.02
REPEATED = 0.2
CONNECTIONS = httpx.Limits(max_connections=200, max_keepalive_connections=100, keepalive_expiry=2.0)
"""Given up before the server does, which closes an idle connection after five seconds."""


class Caller:
    """Sends to any of the servers; `cuts` is how often it hangs up before the answer."""

    def __init__(self, key: str, random: Random, history: History, cuts: float = 0.0) -> None:
        self.headers = {"Authorization": f"Bearer {key}"}
        self.random, self.history, self.cuts = random, history, cuts
        self.clients: dict[int, httpx.AsyncClient] = {}

    @asynccontextmanager
    async def at(self, servers: Sequence[Server]) -> "AsyncIterator[Caller]":
        self.clients = {
            server.port: httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{server.port}",
                headers=self.headers,
                limits=CONNECTIONS,
                timeout=PATIENCE,
            )
            for server in servers
        }
        yield self
        for client in self.clients.values():
            await client.aclose()

    async def settle(self, write: Write) -> Answer | None:
        """The answer, however often it must be asked for; null where there is none in a minute."""
        try:
            async with asyncio.timeout(STUCK):
                while not write.refusals:
                    if answer := await self.attempt(write):
                        return answer
                    await asyncio.sleep(self.random.uniform(0.02, 0.2))
        except TimeoutError:
            write.stuck = True
            self.history.note(write, "stuck")
        return None

    async def attempt(self, write: Write, port: int = 0, point: str = "") -> Answer | None:
        """One try. Null is an unknown outcome, or a refusal, which `write` keeps."""
        port = port or self.random.choice(list(self.clients))
        self.history.invoked(write, port, point)
        try:
            response = await self._send(write, port, point)
        except httpx.TransportError as error:
            sent = not isinstance(error, httpx.ConnectError)
            self.history.unknown(write, type(error).__name__, doubtful=sent)
            return None
        return self._heard(write, response)

    async def _send(self, write: Write, port: int, point: str) -> httpx.Response:
        said = {"Idempotency-Key": write.key} | ({HEADER: point} if point else {})
        hasty = not point and self.random.random() < self.cuts
        patience = self.random.uniform(0.001, CUT_SECONDS) if hasty else PATIENCE
        timeout = httpx.Timeout(PATIENCE, read=patience)
        return await self.clients[port].request(
            write.method, write.path, json=write.body, headers=said, timeout=timeout
        )

    def _heard(self, write: Write, response: httpx.Response) -> Answer | None:
        if response.is_success:
            self.history.ok(write, answer := Answer.of(response))
            return answer
        code = response.json().get("code")
        if response.status_code == 503 or code == "request-in-progress":
            self.history.unknown(write, code, doubtful=response.status_code == 503)
        else:
            self.history.refused(write, response)
        return None


@asynccontextmanager
async def load(caller: Caller, requests: Requests, count: int, pause: float) -> AsyncIterator[None]:
    """`count` callers that write without end; what they have begun is answered in the end."""
    over = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(_call(caller, requests, over, pause))
        try:
            yield
        finally:
            over.set()


async def _call(caller: Caller, requests: Requests, over: asyncio.Event, pause: float) -> None:
    while not over.is_set():
        write = requests.next()
        caller.history.writes.append(write)
        if answer := await caller.settle(write):
            requests.learn(write, answer)
            if caller.random.random() < REPEATED:
                await caller.attempt(write)
        await asyncio.sleep(caller.random.uniform(0, 2 * pause))


async def repeat_all(caller: Caller, width: int = 16) -> None:
    """Every write that was answered is asked for once more."""
    due = [write for write in caller.history.writes if write.answers]

    async def work() -> None:
        while due:
            await caller.settle(due.pop())

    async with asyncio.TaskGroup() as group:
        for _ in range(width):
            group.create_task(work())
