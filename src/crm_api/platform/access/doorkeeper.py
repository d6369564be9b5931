"""Who is calling: a bearer key, looked up together with its tenant in one round trip."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json

from crm_api.kit.actor import Actor, Tenant
from crm_api.kit.clock import Clock
from crm_api.kit.errors import Unauthenticated
from crm_api.kit.pool import Pool

from .keys import digest, plausible

SECONDS = 1.0
LOOKUP = """
SELECT CASE WHEN set_config('app.tenant', i.tenant_id::text, true) IS NOT NULL THEN (
  SELECT row_to_json(found)::text FROM (
    SELECT k.id AS key_id, k.scopes, k.masked, extract(epoch FROM k.expires_at) AS expires,
           s.tenant_id, s.name, t.kind, t.suspended_at IS NOT NULL AS suspended,
           s.base_currency, s.time_zone, s.phone_region, s.languages, s.allowed_origins,
           s.clock_advanced_seconds
    FROM api_keys k
    JOIN tenants t ON t.tenant_id = k.tenant_id
    JOIN tenant_settings s ON s.tenant_id = k.tenant_id
    WHERE k.tenant_id = i.tenant_id AND k.id = i.key_id
  ) found
) END FROM key_index i WHERE i.digest = $1"""
REFUSAL = "The key is unknown, expired or revoked, or its tenant is suspended."
HINT = "Send one header `Authorization: Bearer crm_...` with an API key."


class ApiKeyDoorkeeper:
    """Keys are remembered for a second: that is how long a revoked one still works."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self.pool, self.clock = pool, clock
        self._known: dict[bytes, tuple[Actor, float]] = {}

    async def actor(self, authorization: Sequence[str]) -> Actor:
        scheme, _, key = (
            authorization[0].partition(" ") if len(authorization) == 1 else ("", "", "")
        )
        if scheme.lower() != "bearer":
            raise Unauthenticated(HINT)
        name, now = digest(key), time.monotonic()
        actor, until = self._known.get(name, (None, 0.0))
        if actor is None or until < now:
            actor = await self._look_up(key, name)
            self._known[name] = (actor, now + SECONDS)
        return actor

    async def _look_up(self, key: str, name: bytes) -> Actor:
        self._forget_the_old()
        if not plausible(key):
            raise Unauthenticated(REFUSAL)
        async with self.pool.line() as line:
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
        self._known = {name: entry for name, entry in self._known.items() if entry[1] >= now}


def actor_of(row: dict[str, Any]) -> Actor:
    tenant = Tenant.of(UUID(row["tenant_id"]), row)
    expires = row["expires"] and datetime.fromtimestamp(row["expires"], UTC)
    return Actor(UUID(row["key_id"]), tenant, frozenset(row["scopes"]), expires, row["masked"])
