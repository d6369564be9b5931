"""Who is calling: a bearer key, looked up together with its tenant in one round trip."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from pydantic_core import from_json

from crm_api.kit.actor import Actor, Tenant
from crm_api.kit.clock import Clock
from crm_api.kit.errors import Unauthenticated
from crm_api.kit.pool import Pool
from crm_api.kit.words import say

from .keys import digest, plausible
from .strangers import Strangers

SECONDS = 1.0
STALE_SECONDS, TRUSTED_SECONDS = 10.0, 600.0
NOBODY: tuple[Actor | None, float] = (None, 0.0)
LOOKUP = """
SELECT CASE WHEN set_config('app.tenant', i.tenant_id::text, true) IS NOT NULL THEN (
  SELECT row_to_json(found)::text FROM (
    SELECT k.id AS key_id, k.scopes, k.masked, extract(epoch FROM k.expires_at) AS expires,
           s.tenant_id, s.name, t.kind, t.suspended_at IS NOT NULL AS suspended,
           t.rate_limit, s.base_currency, s.time_zone, s.phone_region, s.languages,
           s.allowed_origins, s.clock_advanced_seconds
    FROM api_keys k
    JOIN tenants t ON t.tenant_id = k.tenant_id
    JOIN tenant_settings s ON s.tenant_id = k.tenant_id
    WHERE k.tenant_id = i.tenant_id AND k.id = i.key_id
  ) found
) END FROM key_index i WHERE i.digest = $1"""
REFUSAL = say("The key is unknown, expired or revoked, or its tenant is suspended.")
HINT = say("Send one header `Authorization: Bearer crm_...` with an API key.")


class ApiKeyDoorkeeper:
    """Keys are remembered for a second: that is how long a revoked one still works. For some
    seconds more it is known whose they were, so that refusing too many requests costs little.

    From an address that has sent too many wrong keys, only those are looked up that were right
    within the last minutes: nobody is shut out by a stranger behind the same proxy.
    """

    def __init__(self, pool: Pool, clock: Clock, strangers: Strangers) -> None:
        self.pool, self.clock, self.strangers = pool, clock, strangers
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
                self._known[name] = (actor, now + SECONDS)
                self._trusted[name] = now + TRUSTED_SECONDS
            return actor

    async def _examine(self, key: str, name: bytes, address: str | None) -> Actor:
        """What is no key does not reach the database."""
        if self._trusted.get(name, 0.0) < time.monotonic():
            self.strangers.check(address)
        try:
            if not plausible(key):
                raise Unauthenticated(REFUSAL)
            return await self._look_up(name)
        except Unauthenticated:
            self.strangers.missed(address)
            raise

    async def _look_up(self, name: bytes) -> Actor:
        self._forget_the_old()
        async with self.pool.line(name) as line:
            found = await line.driver.fetchval(LOOKUP, name)
        if found is None:
            raise Unauthenticated(REFUSAL)
        row = from_json(found)
        actor = actor_of(row)
        now = actor.tenant.now(self.clock)
        if row["suspended"] or (actor.expires_at is not None and actor.expires_at <= now):
            raise Unauthenticated(REFUSAL)
        return actor

    def forget(self, tenant_id: UUID) -> None:
        known = self._known.items()
        self._known = {name: entry for name, entry in known if entry[0].tenant.id != tenant_id}

    def _forget_the_old(self) -> None:
        now = time.monotonic()
        self._known = {
            name: entry for name, entry in self._known.items() if entry[1] > now - STALE_SECONDS
        }
        self._trusted = {name: until for name, until in self._trusted.items() if until >= now}


def actor_of(row: dict[str, Any]) -> Actor:
    tenant = Tenant.of(UUID(row["tenant_id"]), row)
    expires = row["expires"] and datetime.fromtimestamp(row["expires"], UTC)
    return Actor(UUID(row["key_id"]), tenant, frozenset(row["scopes"]), expires, row["masked"])
