"""Requests to addresses that others have named: each is judged when it is connected to."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from ipaddress import ip_address

import httpx

from .egress import Address, Egress, Refused, Target, literal, target_of
from .errors import Invalid
from .words import say

SECONDS, RESOLVE_SECONDS = 5.0, 3.0
MOST_BYTES = 262_144
SENT = {"User-Agent": "crm-api", "Accept-Encoding": "identity"}
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


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
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
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
            target = target_of(url)
            await self.addresses(target)
        except Refused as error:
            raise UrlNotAllowed(pointer) from error
        except Unreachable as error:
            if target.is_inward:
                raise UrlNotAllowed(pointer) from error

    async def get(self, url: str) -> bytes:
        """Raises: Unreachable; also where the address is refused, so that nobody can tell."""
        try:
            async with asyncio.timeout(SECONDS), self._client.stream("GET", url) as answer:
                if answer.status_code != httpx.codes.OK or "content-encoding" in answer.headers:
                    raise Unreachable
                return await _body(answer)
        except (Refused, TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable from error

    async def addresses(self, target: Target) -> list[Address]:
        """Where a target is. Raises: Refused if any of it is closed, Unreachable if nowhere."""
        found = [written] if (written := literal(target.host)) else await self._found(target)
        if not all(self.egress.permits(address, target) for address in found):
            raise Refused
        return found

    async def _found(self, target: Target) -> list[Address]:
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                found = await self.resolve(target.host, target.port)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise Unreachable from error
        if not found:
            raise Unreachable
        return [ip_address(text) for text in dict.fromkeys(found)]

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        """Made when it is first needed: reading the certificates takes a moment."""
        transport = _Judging(self, self.trust or ssl.create_default_context())
        return httpx.AsyncClient(
            transport=transport, headers=SENT, timeout=SECONDS, trust_env=False
        )


class _Judging(httpx.AsyncBaseTransport):
    """No connection is kept: two names may lead to one address, and each must prove itself."""

    def __init__(self, outbound: Outbound, trust: ssl.SSLContext) -> None:
        self.outbound = outbound
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=0)
        self.inner = httpx.AsyncHTTPTransport(verify=trust, trust_env=False, limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        target = target_of(str(request.url))
        *others, last = await self.outbound.addresses(target)
        for address in others:
            try:
                return await self.inner.handle_async_request(_towards(request, address, target))
            except httpx.ConnectError:
                continue
        return await self.inner.handle_async_request(_towards(request, last, target))


def _towards(request: httpx.Request, address: Address, target: Target) -> httpx.Request:
    """The same request, to this address; the certificate is still that of the name."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": target.host},
    )


async def _body(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > MOST_BYTES:
            raise Unreachable
    return bytes(body)
