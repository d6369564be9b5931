"""What is too large or too slow is refused before anybody reads it; HEAD is GET without a body."""

import asyncio
import re
from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .deadline import Deadline
from .wire_errors import HeadersTooLarge, PayloadTooLarge, RequestTimeout, UriTooLong
from .words import say

MAX_URI = 8_192
MAX_HEADERS = 32_768
MAX_HEADER_COUNT = 100
MAX_BODY, MAX_FILE = 1_048_576, 33_554_432
BODY_SECONDS, LONGEST = 30.0, 300.0

Larger = Sequence[tuple[re.Pattern[str], int]]


class Guard:
    """`larger` are the paths that take larger bodies, with their limits: they have so much more
    time, too."""

    def __init__(self, app: ASGIApp, larger: Larger) -> None:
        self.app, self.larger = app, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        path = scope["path"]
        most = next((limit for place, limit in self.larger if place.match(path)), MAX_BODY)
        _check(scope, most)
        if scope["method"] == "HEAD":
            scope["as_get"] = get = {**scope, "method": "GET", "bodiless": True}
            scope, send = get, _bodiless(send)
        await self.app(scope, Measured(scope, receive, most).receive, send)


def _check(scope: Scope, most: int) -> None:
    if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > MAX_URI:
        raise UriTooLong(say("An address may have {most} bytes.", most=MAX_URI))
    headers = scope["headers"]
    size = sum(len(name) + len(value) for name, value in headers)
    if len(headers) > MAX_HEADER_COUNT or size > MAX_HEADERS:
        raise HeadersTooLarge(
            say(
                "Send up to {count} headers of {size} bytes in all.",
                count=MAX_HEADER_COUNT,
                size=MAX_HEADERS,
            )
        )
    for name, value in headers:
        if name == b"content-length" and value.isdigit() and _exceeds(value, most):
            raise _too_large(most)


def _exceeds(digits: bytes, most: int) -> bool:
    """Python reads no number of thousands of digits, and needs not."""
    return len(digits) > 18 or int(digits) > most


def _too_large(most: int) -> PayloadTooLarge:
    return PayloadTooLarge(say("A body may have {most} bytes.", most=most), limit_bytes=most)


def _bodiless(send: Send) -> Send:
    """RFC 9110, 9.3.2: the headers of a GET and nothing else."""

    async def headers_only(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return headers_only


class Measured:
    """A body that counts its bytes and its seconds, whatever `Content-Length` says."""

    def __init__(self, scope: Scope, receive: Receive, most: int) -> None:
        self._scope, self._receive, self.most = scope, receive, most
        self.size = 0
        self.complete = False
        self.seconds = min(BODY_SECONDS * most / MAX_BODY, LONGEST)
        self.deadline = asyncio.get_running_loop().time() + self.seconds

    async def receive(self) -> Message:
        if self.complete:
            return await self._receive()
        work: Deadline | None = self._scope.get("deadline")
        if work is not None:
            work.pause()
        try:
            async with asyncio.timeout_at(self.deadline):
                message = await self._receive()
        except TimeoutError as error:
            raise RequestTimeout(
                say("A body must arrive within {seconds:.0f} seconds.", seconds=self.seconds)
            ) from error
        self.size += len(message.get("body", b""))
        self.complete = not message.get("more_body", False)
        if self.size > self.most:
            raise _too_large(self.most)
        if work is not None and self.complete:
            work.begin_anew()
        return message
