"""Who is calling: a bearer key or token, looked up together with its tenant, and remembered."""

import asyncio
import time
from collections.abc import Sequence
from uuid import UUID
from weakref import WeakValueDictionary

from crm_api.kit.actor import REFUSAL, Actor
from crm_api.kit.clock import Clock
from crm_api.kit.errors import Unauthenticated
from crm_api.kit.words import say

from .credentials import Credentials
from .keys import digest
from .stand_in import StandIn
from .strangers import Strangers

SECONDS = 1.0
STALE_SECONDS, TRUSTED_SECONDS = 10.0, 600.0
NOBODY: tuple[Actor | None, float] = (None, 0.0)
HINT = say("Send one header `Authorization: Bearer ...` with an API key or an access token.")


class BearerDoorkeeper:
    """Keys and tokens are remembered for a second: so long a revoked one still works. For some
    seconds more it is known whose they were, so that refusing too many requests costs little.

    From an address that has sent too many wrong keys, only those are looked up that were right
    within the last minutes: nobody is shut out by a stranger behind the same proxy.
    """

    def __init__(
        self, clock: Clock, strangers: Strangers, stand_in: StandIn, *kinds: Credentials
    ) -> None:
        self.clock, self.strangers, self.kinds = clock, strangers, kinds
        self.stand_in = stand_in
        self._known: dict[bytes, tuple[Actor, float]] = {}
        self._trusted: dict[bytes, float] = {}
        self._asking: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    async def actor(self, authorization: Sequence[str], address: str | None = None) -> Actor:
        scheme, _, key = (
            authorization[0].partition(" ") if len(authorization) == 1 else ("", "", "")
        )
        if scheme.lower() != "bearer":
            raise Unauthenticated(HINT)
        name, now = digest(key.encode()), time.monotonic()
        actor, until = self._known.get(name, NOBODY)
        return actor if actor and until >= now else await self._learn(key, name, address)

    async def in_place(self, actor: Actor, behalf: str | None, unit: str | None) -> Actor:
        if behalf is not None:
            actor = await self.stand_in.for_user(actor, behalf)
        return await self.stand_in.in_unit(actor, unit) if unit is not None else actor

    def remembered(self, authorization: Sequence[bytes]) -> tuple[Actor | None, bool]:
        if len(authorization) != 1 or authorization[0][:7].lower() != b"bearer ":
            return None, False
        actor, until = self._known.get(digest(authorization[0][7:]), NOBODY)
        return actor, until >= time.monotonic()

    async def _learn(self, key: str, name: bytes, address: str | None) -> Actor:
        """Who come with one key at the same time wait for one look-up."""
        async with self._asking.setdefault(name, asyncio.Lock()):
            now = time.monotonic()
            actor, until = self._known.get(name, NOBODY)
            if actor is None or until < now:
                actor = await self._examine(key, name, address)
                self._known[name] = (actor, now + min(SECONDS, self._left(actor)))
                self._trusted[name] = now + TRUSTED_SECONDS
            return actor

    async def _examine(self, key: str, name: bytes, address: str | None) -> Actor:
        if self._trusted.get(name, 0.0) < time.monotonic():
            self.strangers.check(address)
        try:
            return await self._look_up(key, name)
        except Unauthenticated:
            self.strangers.missed(address)
            raise

    async def _look_up(self, key: str, name: bytes) -> Actor:
        self._forget_the_old()
        kind = next((kind for kind in self.kinds if kind.fit(key)), None)
        if kind is None:
            raise Unauthenticated(REFUSAL)
        actor = await kind.holder(key, name)
        if self._left(actor) <= 0:
            raise Unauthenticated(REFUSAL)
        return actor

    def _left(self, actor: Actor) -> float:
        """Seconds until it ends; of what never ends, as long as it is remembered."""
        if actor.expires_at is None:
            return SECONDS
        return (actor.expires_at - actor.tenant.now(self.clock)).total_seconds()

    def expect(self, address: str | None) -> None:
        self.strangers.check(address)

    def missed(self, address: str | None) -> None:
        self.strangers.missed(address)

    def forget(self, tenant_id: UUID) -> None:
        known = self._known.items()
        self._known = {name: entry for name, entry in known if entry[0].tenant.id != tenant_id}

    def _forget_the_old(self) -> None:
        now = time.monotonic()
        self._known = {
            name: entry for name, entry in self._known.items() if entry[1] > now - STALE_SECONDS
        }
        self._trusted = {name: until for name, until in self._trusted.items() if until >= now}
