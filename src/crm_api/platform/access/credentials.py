"""What may stand behind `Bearer`: keys, and access tokens that were made of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from crm_api.kit.actor import REFUSAL, Actor, Tenant, common
from crm_api.kit.errors import Unauthenticated

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
    def __init__(self, registry: KeyRegistry) -> None:
        self.registry = registry

    def fit(self, text: str) -> bool:
        return SHAPE.fullmatch(text) is not None

    async def holder(self, text: str, digest: bytes) -> Actor:
        """What is no key does not reach the database."""
        return actor_of(await self.registry.by_digest(digest) if plausible(text) else None)


class AccessTokens:
    """Of `POST /oauth/token`: good as long as their key is."""

    def __init__(self, registry: KeyRegistry, secret: bytes) -> None:
        self.registry, self.secret = registry, secret

    def fit(self, text: str) -> bool:
        return text.startswith(tokens.PREFIX)

    async def holder(self, text: str, digest: bytes) -> Actor:
        grant = tokens.read(self.secret, text)
        if grant is None:
            raise Unauthenticated(REFUSAL)
        key = actor_of(await self.registry.by_id(grant.tenant_id, grant.key_id))
        ahead = timedelta(seconds=key.tenant.clock_advanced_seconds)
        ends = datetime.fromtimestamp(grant.ends, UTC) + ahead
        kept = key.scopes if grant.scopes is None else common(grant.scopes, key.scopes)
        return replace(key, scopes=kept, expires_at=min(ends, key.expires_at or ends))


def actor_of(row: dict[str, Any] | None) -> Actor:
    if row is None or row["suspended"]:
        raise Unauthenticated(REFUSAL)
    tenant = Tenant.of(UUID(row["tenant_id"]), row)
    expires = row["expires"] and datetime.fromtimestamp(row["expires"], UTC)
    return Actor(UUID(row["key_id"]), tenant, frozenset(row["scopes"]), expires, row["masked"])
