"""Answers that are longer than memory should hold: sent part by part, to whoever takes them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import Response
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from .http import PRIVATE

SECONDS = 30.0
"""Whoever does not take a part for so long is left: his place is for others."""


@dataclass(frozen=True, slots=True)
class File:
    """What is saved, never shown in place: `size` in bytes, whatever its parts are."""

    media_type: str
    name: str
    size: int
    parts: AsyncIterator[bytes]


def file_of(*media_types: str, says: str) -> dict[str, Any]:
    """What an operation whose answer is a file says of it: `router.get(path, **file_of(...))`."""
    content = {kind: {"schema": {"type": "string"}} for kind in media_types}
    answer = {"description": says, "content": content}
    return {"response_class": Response, "responses": {200: answer}}


class FileReply(Response):
    """No deadline of a request ends it, and no connection of the database is held for it."""

    def __init__(self, file: File) -> None:
        self.parts = file.parts
        self.status_code, self.background = 200, None
        self.raw_headers = [
            (b"content-type", file.media_type.encode()),
            (b"content-length", b"%d" % file.size),
            (b"content-disposition", f"attachment; filename*=UTF-8''{quote(file.name)}".encode()),
            (b"x-content-type-options", b"nosniff"),
            PRIVATE,
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        gone = asyncio.create_task(hung_up(receive))
        try:
            async for part in self._wanted(scope):
                if gone.done():
                    return
                await _taken(send, part, more=True)
            await _taken(send, b"", more=False)
        finally:
            gone.cancel()

    async def _wanted(self, scope: Scope) -> AsyncIterator[bytes]:
        """A HEAD is told of a body, so that it has the headers of a GET, and given none."""
        if scope.get("bodiless"):
            yield b""
            return
        async for part in self.parts:
            yield part


async def hung_up(receive: Receive) -> None:
    """Until the caller hangs up: nothing is read any more for nobody."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _taken(send: Send, part: bytes, *, more: bool) -> None:
    try:
        async with asyncio.timeout(SECONDS):
            await send({"type": "http.response.body", "body": part, "more_body": more})
    except TimeoutError as error:
        raise ClientDisconnect from error
