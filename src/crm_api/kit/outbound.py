"""Requests to addresses that others have named: each is judged when it is connected to."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from ipaddress import ip_address

import httpx

from .egress import Address, Egress, Refused, Target, literal, target_of
from .errors import Invalid
from .judged import Judged
from .words import say

SECONDS, RESOLVE_SECONDS = 5.0, 3.0
MOST_BYTES = 262_144
SENT = {"User-Agent": "crm-api", "Accept-Encoding": "identity"}
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
RESOLVERS = ThreadPoolExecutor(64, "resolver")  # a name that is slow to be found holds up no other


class UrlNotAllowed(Invalid):
    """Says the same of all that is refused: who asks learns nothing about networks and ports."""

    code = "url-not-allowed"

    def __init__(self, pointer: str) -> None:
        message = say(
            "Send a public HTTPS URL, or ask whoever runs the server to allow the network."
        )
        said = say("The server sends no requests to this URL.")
        super().__init__(said, {"pointer": pointer, "code": "url_not_allowed", "message": message})


class Unreachable(Exception):
    """Nothing usable came: no connection, too late, too large, or not with status 200."""


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """Raises: OSError where the name is not known."""
    asked = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(RESOLVERS, asked)
    return [str(place[4][0]).partition("%")[0] for place in found]


class Outbound:
    """An HTTP client for foreign URLs: it resolves names itself and connects to the very address
    that it has judged, follows no redirects, asks no proxy, and reads so much for so long."""

    def __init__(
        self,
        egress: Egress,
        resolve: Resolve = system_resolver,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.egress, self.resolve, self.trust = egress, resolve, trust

    async def check(self, url: str, pointer: str) -> None:
        """Raises: UrlNotAllowed. A name that nobody knows yet is judged when it is used."""
        try:
            await self.addresses(target_of(url))
        except Refused as error:
            raise UrlNotAllowed(pointer) from error
        except Unreachable:
            return

    async def get(self, url: str) -> bytes:
        """Raises: Unreachable; also where the address is refused, so that nobody can tell."""
        try:
            async with asyncio.timeout(SECONDS), self._client.stream("GET", url) as answer:
                if answer.status_code != httpx.codes.OK or "content-encoding" in answer.headers:
                    raise Unreachable
                return await _body(answer)
        except (Refused, TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable from error

    async def close(self) -> None:
        if "transport" in vars(self):
            await self.transport.aclose()

    async def addresses(self, target: Target) -> list[Address]:
        """Where a target is. Raises: Refused if any of it is closed, or could only be inside;
        Unreachable if it is nowhere."""
        found = [written] if (written := literal(target.host)) else await self._found(target)
        if not all(self.egress.permits(address, target) for address in found):
            raise Refused
        return found

    async def _found(self, target: Target) -> list[Address]:
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                found = await self.resolve(target.host, target.port)
        except (OSError, UnicodeError, TimeoutError):
            found = []
        if not found:
            closed = target.is_inward or not self.egress.opens(target)
            raise Refused if closed else Unreachable
        return [ip_address(text) for text in dict.fromkeys(found)]

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=self.transport, headers=SENT, timeout=SECONDS, trust_env=False
        )

    @cached_property
    def transport(self) -> Judged:
        return Judged(self.addresses, self.certificates)

    @cached_property
    def certificates(self) -> ssl.SSLContext:
        """Whom to trust. Made when it is first needed: reading them takes a moment."""
        return self.trust or ssl.create_default_context()


async def _body(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > MOST_BYTES:
            raise Unreachable
    return bytes(body)
