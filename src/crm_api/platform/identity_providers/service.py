from collections.abc import Iterable
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.errors import Forbidden, UnknownReference
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.scopes import check_given
from crm_api.kit.words import say

from .errors import TooManyProviders
from .events import IdentityProviderUpdated
from .repository import IdentityProviderRepository, SubjectRepository
from .schemas import (
    IdentityProviderCreate,
    IdentityProviderQuery,
    IdentityProviderRead,
    IdentityProviderUpdate,
    ScopeRuleInput,
    SubjectQuery,
    SubjectRead,
)

MOST_PROVIDERS = 20


class IdentityProviderService:
    """Whose tokens a tenant trusts. Nobody gives more to others than he holds, nor for longer."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.providers = IdentityProviderRepository(ctx)

    async def list(self, query: IdentityProviderQuery) -> Listing:
        return await self.providers.page(query)

    async def get(self, id: UUID) -> Document[IdentityProviderRead]:
        return await self.providers.get(id)

    async def create(self, data: IdentityProviderCreate) -> Written[IdentityProviderRead]:
        self._check_giver(data.scopes, data.scope_rules)
        await self.ctx.house.outbound.check(data.issuer, "/issuer")
        if await self.providers.counted() >= MOST_PROVIDERS:
            raise TooManyProviders(MOST_PROVIDERS)
        return self.providers.trust(data)

    async def update(self, id: UUID, data: IdentityProviderUpdate) -> Written[IdentityProviderRead]:
        provider, sent = await self.providers.load(id), data.model_fields_set
        scopes = data.scopes if "scopes" in sent else []
        rules = data.scope_rules if "scope_rules" in sent else []
        self._check_giver(scopes, rules)  # type: ignore[arg-type]
        return self.providers.change(provider, IdentityProviderUpdated, **data.changes())

    async def delete(self, id: UUID) -> None:
        self.providers.distrust(await self.providers.load(id))

    async def hold(self, id: UUID) -> None:
        """A provider that is trusted until the commit. Raises UnknownReference."""
        if not await self.providers.load_all([id]):
            raise UnknownReference("/identity_provider_id")

    def _check_giver(self, scopes: Iterable[str], rules: Iterable[ScopeRuleInput]) -> None:
        if self.ctx.actor.expires_at is not None:
            raise Forbidden(say("A key or token that expires cannot open a door that stays open."))
        check_given(self.ctx, scopes)
        for number, rule in enumerate(rules):
            check_given(self.ctx, rule.scopes, f"/scope_rules/{number}/scopes")


class SubjectService:
    """Who has come with tokens."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.subjects = SubjectRepository(ctx)

    async def list(self, query: SubjectQuery) -> Listing:
        return await self.subjects.page(query)

    async def get(self, id: UUID) -> Document[SubjectRead]:
        return await self.subjects.get(id)

    async def at_provider(self, provider: UUID, subject: str) -> UUID | None:
        """Who a provider calls so, who may come yet; null where there is no such provider."""
        issuer = await IdentityProviderRepository(self.ctx).issuer(provider)
        return await self.subjects.known_as(issuer, subject) if issuer else None
