"""Connections to the very addresses that were judged."""

import ssl
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

import httpx

from .egress import Address, Target, target_of

IDLE_SECONDS = 4.0  # less than servers wait, so that hardly any request meets a closing connection
KEPT_SECONDS = 60.0
LIMITS = httpx.Limits(max_keepalive_connections=16, keepalive_expiry=IDLE_SECONDS)
"""Whoever sends limits how much is under way: a limit here would let those wait who share a host
with one that hangs."""
Judge = Callable[[Target], Awaitable[Sequence[Address]]]


class Judged(httpx.AsyncBaseTransport):
    """Asks `judge` anew for every request where its target is, and sends it there.

    Each target has connections of its own: it has proven its name on them, and another name may
    lead to the same address.
    """

    def __init__(self, judge: Judge, trust: ssl.SSLContext) -> None:
        self.judge, self.trust = judge, trust
        self._kept: dict[Target, httpx.AsyncHTTPTransport] = {}
        self._used: dict[Target, float] = {}
        self._look_again = 0.0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        target = target_of(str(request.url))
        *others, last = await self.judge(target)
        inner = self._inner(target)
        await self._close_unused()
        for address in others:
            try:
                return await inner.handle_async_request(_towards(request, address, target))
            except httpx.ConnectError:
                continue
        return await inner.handle_async_request(_towards(request, last, target))

    async def aclose(self) -> None:
        kept, self._kept, self._used = self._kept, {}, {}
        for inner in kept.values():
            await inner.aclose()

    def _inner(self, target: Target) -> httpx.AsyncHTTPTransport:
        self._used[target] = monotonic()
        if target not in self._kept:
            made = httpx.AsyncHTTPTransport(verify=self.trust, trust_env=False, limits=LIMITS)
            self._kept[target] = made
        return self._kept[target]

    async def _close_unused(self) -> None:
        """No request takes as long as that."""
        if (now := monotonic()) < self._look_again:
            return
        self._look_again = now + KEPT_SECONDS
        for target in [t for t, used in self._used.items() if used < now - KEPT_SECONDS]:
            del self._used[target]
            await self._kept.pop(target).aclose()


def _towards(request: httpx.Request, address: Address, target: Target) -> httpx.Request:
    """The same request, to this address; the certificate is still that of the name."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": target.host},
    )
