"""Bytes on a socket of a real server: what no HTTP client would send."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn
from fastapi import FastAPI
from httpx import Headers

from crm_api.kit.patience import PatientProtocol

from .catalogue import repeated

SECONDS = 5.0


class Answer:
    """One answer as it came over the wire."""

    def __init__(self, status: int, headers: Headers, content: bytes) -> None:
        self.status, self.headers, self.content = status, headers, content


class Wire:
    """One connection; what is read is waited for no longer than some seconds."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, sent: bytes) -> None:
        """All of it, or as much as the other side takes before it hangs up."""
        with suppress(ConnectionError):
            self.writer.write(sent)
            async with asyncio.timeout(SECONDS):
                await self.writer.drain()

    async def answer(self) -> Answer:
        async with asyncio.timeout(SECONDS):
            head = await self.reader.readuntil(b"\r\n\r\n")
            status, *lines = head.decode("latin-1").split("\r\n")
            pairs = [line.partition(": ")[::2] for line in lines if line]
            headers = Headers(pairs)
            content = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(status.split()[1]), headers, content)

    async def rest(self) -> bytes:
        """What comes until the other side hangs up; TimeoutError where it does not."""
        try:
            async with asyncio.timeout(SECONDS):
                return await self.reader.read()
        except ConnectionError:
            return b""

    async def ask(self, sent: bytes) -> Answer:
        await self.send(sent)
        return await self.answer()

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


class Served:
    """The application behind the protocol of production, on a port of its own."""

    def __init__(self, port: int) -> None:
        self.port = port

    @asynccontextmanager
    async def wire(self) -> AsyncIterator[Wire]:
        wire = Wire(*await asyncio.open_connection("127.0.0.1", self.port))
        try:
            yield wire
        finally:
            await wire.close()


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[Served]:
    """As `crm-api serve` does it; the application has been started by whoever calls."""
    config = uvicorn.Config(
        app,
        port=0,
        http=PatientProtocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    running = asyncio.create_task(server.main_loop())
    try:
        yield Served(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        await running
        await server.shutdown()


def written(case: dict[str, Any], **known: str) -> bytes:
    """The bytes of a case, Latin-1 for what is beyond ASCII."""
    ends: str = case.get("ends", "\r\n")
    lines = [_text(line) for line in case["lines"]]
    request = ends.join([*lines, "", ""]) + _text(case.get("body", ""))
    for name, value in known.items():
        request = request.replace(f"{{{name}}}", value)
    return request.encode("latin-1")


def _text(parts: Any) -> str:
    return "".join(map(repeated, parts)) if isinstance(parts, list) else str(parts)
