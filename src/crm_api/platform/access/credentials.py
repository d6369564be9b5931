"""What may stand behind `Bearer`: keys, and access tokens that were made of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from crm_api.kit.actor import REFUSAL, Actor, Tenant
from crm_api.kit.clock import Clock
from crm_api.kit.covering import common
from crm_api.kit.errors import Unauthenticated
from crm_api.platform.role_assignments.holding import Held, acting_as, held

from . import tokens
from .keys import SHAPE, plausible
from .registry import KeyRegistry


class Credentials(Protocol):
    """One kind of them."""

    def fit(self, text: str) -> bool:
        """Whether it has the form of this kind; no other has it."""
        ...

    async def holder(self, text: str, digest: bytes) -> Actor:
        """Raises Unauthenticated. `expires_at` is for whoever asks to look at."""
        ...


class ApiKeys:
    def __init__(self, registry: KeyRegistry, clock: Clock) -> None:
        self.registry, self.clock = registry, clock

    def fit(self, text: str) -> bool:
        return SHAPE.fullmatch(text) is not None

    async def holder(self, text: str, digest: bytes) -> Actor:
        """What is no key does not reach the database."""
        row = await self.registry.by_digest(digest) if plausible(text) else None
        return actor_of(row, self.clock)


class AccessTokens:
    """Of `POST /oauth/token`: good as long as their key is."""

    def __init__(self, registry: KeyRegistry, secret: bytes, clock: Clock) -> None:
        self.registry, self.secret, self.clock = registry, secret, clock

    def fit(self, text: str) -> bool:
        return text.startswith(tokens.PREFIX)

    async def holder(self, text: str, digest: bytes) -> Actor:
        grant = tokens.read(self.secret, text)
        if grant is None:
            raise Unauthenticated(REFUSAL)
        key = actor_of(await self.registry.by_id(grant.tenant_id, grant.key_id), self.clock)
        ahead = timedelta(seconds=key.tenant.clock_advanced_seconds)
        ends = datetime.fromtimestamp(grant.ends, UTC) + ahead
        kept = key.scopes if grant.scopes is None else common(grant.scopes, key.scopes)
        return replace(key, scopes=kept, expires_at=min(ends, key.expires_at or ends))


def actor_of(row: dict[str, Any] | None, clock: Clock) -> Actor:
    if row is None or row["suspended"]:
        raise Unauthenticated(REFUSAL)
    tenant = Tenant.of(UUID(row["tenant_id"]), row)
    expires = row["expires"] and datetime.fromtimestamp(row["expires"], UTC)
    key = Actor(UUID(row["key_id"]), tenant, frozenset(row["scopes"]), expires, row["masked"])
    return key if row["held"] is None else _as_its_user(key, held(row["held"], tenant.now(clock)))


def _as_its_user(key: Actor, user: Held) -> Actor:
    if not user.active:
        raise Unauthenticated(REFUSAL)
    return acting_as(key, user)
