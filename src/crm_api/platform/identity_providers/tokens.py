"""Tokens of identity providers: whose they are, and who comes with them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from crm_api.kit.actor import REFUSAL, Actor, Tenant
from crm_api.kit.clock import Clock
from crm_api.kit.errors import Unauthenticated

from .claims import scopes_of, subject_id, subject_of, texts
from .key_rings import KeyRings
from .registry import IssuerRegistry
from .rules import NotTrusted, Told, check_times, told
from .signatures import is_signed

Json = Mapping[str, Any]
AsUser = Callable[[Actor, Json, Json, datetime], Actor | None]
"""The caller as a user of whom this is told, with these claims; null where that one is shut out."""
log = structlog.get_logger("crm_api.identity_providers")


class ProviderTokens:
    """Access tokens (JWT) of providers that a tenant trusts."""

    def __init__(
        self, registry: IssuerRegistry, rings: KeyRings, clock: Clock, as_user: AsUser
    ) -> None:
        self.registry, self.rings, self.clock, self.as_user = registry, rings, clock, as_user

    def fit(self, text: str) -> bool:
        return text.count(".") == 2

    async def holder(self, text: str, _: bytes) -> Actor:
        """Raises Unauthenticated, which says nothing; the log has the reason, without the token."""
        try:
            return await self._trusted(text, told(text))
        except NotTrusted as error:
            log.info("token refused", reason=str(error))
            raise Unauthenticated(REFUSAL) from error

    async def _trusted(self, token: str, said: Told) -> Actor:
        ends = check_times(said.claims, self.clock.now().timestamp())
        issuer, found = said.claims["iss"], texts(said.claims)
        provider = await self.registry.provider(issuer, said.audiences, found)
        if provider is None or provider["suspended"]:
            raise NotTrusted("no tenant trusts this issuer for this audience, or it is suspended")
        keys = await self.rings.keys(provider["issuer"], said.header)
        if not any(is_signed(token, key) for key in keys):
            raise NotTrusted("no key of the issuer has signed it")
        return await self._actor(provider, said, ends)

    async def _actor(self, provider: dict[str, Any], said: Told, ends: float) -> Actor:
        tenant = Tenant.of(UUID(provider["tenant_id"]), provider)
        names = (provider["issuer"], subject_of(said.claims, provider["subject_claim"]))
        id, now = subject_id(tenant.id, *names), tenant.now(self.clock)
        await self.registry.remember(tenant.id, id, names, now)
        scopes = scopes_of(said.claims, provider["scopes"], provider["scope_rules"])
        ahead = timedelta(seconds=tenant.clock_advanced_seconds)
        until = datetime.fromtimestamp(ends, UTC) + ahead
        told = (provider["people"] or {}).get(names[1])
        actor = Actor(id, tenant, scopes, until)
        return actor if told is None else self._linked(actor, told, said.claims, now)

    def _linked(self, actor: Actor, told: Json, claims: Json, now: datetime) -> Actor:
        """As the user whom a subject is linked to. Raises NotTrusted where that is shut out."""
        user = self.as_user(actor, told, claims, now)
        if user is None:
            raise NotTrusted("its user is suspended, or has left")
        return user
