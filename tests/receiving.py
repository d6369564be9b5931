"""Receivers of webhooks on sockets of this machine: they answer as they are told to."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass(frozen=True)
class Came:
    """One request, and when it came, in seconds of the loop."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float


Decides = Callable[[Came], bytes | None]


@dataclass
class Receiver:
    """`decides` says the bytes of the answer to each request, or null to hang up; `pause` is how
    long it thinks first; where the path has `hangs` in it, for ever. `connections` is how many
    were made."""

    port: int = 0
    came: list[Came] = field(default_factory=list)
    connections: int = 0
    pause: float = 0.0
    hangs: str = "nowhere"
    decides: Decides = lambda _: OK
    open: set[asyncio.StreamWriter] = field(default_factory=set)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/events"

    @property
    def allowed(self) -> str:
        return f"127.0.0.1:{self.port}"

    def answers(
        self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        self.decides = lambda _: answer(status, body, headers or {})

    def drops(self) -> None:
        """Hangs up instead of answering."""
        self.decides = lambda _: None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                came = await _read(reader)
                self.came.append(came)
                pause = 60 if self.hangs in came.path else self.pause
                said = None if await self._left(pause) else self.decides(came)
                if said is None:
                    break
                writer.write(said)
                await writer.drain()
        self.open.discard(writer)
        writer.close()

    async def _left(self, seconds: float) -> bool:
        """Whether nobody wants an answer any more, by then."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self.over.wait()
        return False


def answer(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    told = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    length = f"Content-Length: {len(body)}\r\n\r\n"
    return f"HTTP/1.1 {status} X\r\n{told}{length}".encode() + body


async def _read(reader: asyncio.StreamReader) -> Came:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Came(first.split(" ")[1], headers, body, asyncio.get_running_loop().time())


@asynccontextmanager
async def receiver(**said: Any) -> AsyncIterator[Receiver]:
    found = Receiver(**said)
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0, limit=2**20)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        found.over.set()
        for writer in list(found.open):
            writer.transport.abort()
