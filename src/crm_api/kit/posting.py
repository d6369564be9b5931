"""Messages to addresses that others have named, and how they were answered."""

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

import httpx

from .egress import target_of
from .outbound import SENT, Outbound, Unreachable

READ_SECONDS = 1.0
MOST_BYTES, SNIPPET_BYTES = 65_536, 4096


class Trouble(StrEnum):
    """Why no answer came."""

    timeout = "timeout"
    no_address = "no_address"
    no_connection = "no_connection"
    tls = "tls"
    no_answer = "no_answer"


class Unanswered(Exception):
    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `said` is how its body begins, 4 KB at most."""

    status: int
    retry_after: str
    said: bytes


async def post(
    outbound: Outbound, url: str, body: bytes, headers: Mapping[str, str], seconds: float
) -> Answer:
    """The answer, whatever its status; a redirect is one. Raises: Refused, Unanswered."""
    target_of(url)
    request = httpx.Request("POST", url, headers={**SENT, **headers}, content=body)
    try:
        async with asyncio.timeout(seconds):
            answer = await outbound.transport.handle_async_request(request)
            said = await _beginning(answer)
    except (TimeoutError, httpx.HTTPError, Unreachable) as error:
        raise Unanswered(_trouble(error)) from error
    return Answer(answer.status_code, answer.headers.get("retry-after", ""), said)


async def _beginning(answer: httpx.Response) -> bytes:
    """As much of a body as is shown; only one that ends soon leaves a connection to be kept."""
    body = bytearray()
    with suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(READ_SECONDS):
            async for part in answer.aiter_raw():
                body += part
                if len(body) > MOST_BYTES:
                    break
    await answer.aclose()
    return bytes(body[:SNIPPET_BYTES])


def _trouble(error: Exception) -> Trouble:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return Trouble.timeout
    if isinstance(error, Unreachable):
        return Trouble.no_address
    if any(isinstance(cause, ssl.SSLError) for cause in _causes(error)):
        return Trouble.tls
    connecting = isinstance(error, httpx.ConnectError)
    return Trouble.no_connection if connecting else Trouble.no_answer


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
