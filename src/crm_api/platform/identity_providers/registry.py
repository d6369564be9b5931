"""Providers of all tenants, by the tokens that they make: before the tenant is known."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic_core import from_json

from crm_api.kit.pool import Pool
from crm_api.platform.organization.settled import OF_TENANT, SETTLED

from .claims import issuer_digest

NOBODY = "(SELECT NULL::json WHERE {texts} IS NULL)"


@lru_cache
def lookup(acting: str) -> str:
    """`$1` are digests of an issuer with audiences, `$2` the texts of a token.

    `acting` is SQL over {tenant}, {provider}, {issuer} and {texts}: which of them are names of
    subjects that somebody has linked, and what is told of those.
    """
    places = {"tenant": "p.tenant_id", "provider": "p.id", "issuer": "p.issuer"}
    people = acting.format(**places, texts="$2::text[]")
    return f"""
SELECT CASE WHEN set_config('app.tenant', i.tenant_id::text, true) IS NOT NULL THEN (
  SELECT row_to_json(found)::text FROM (
    SELECT p.id AS provider_id, p.issuer, p.audience, p.subject_claim, p.scopes, p.scope_rules,
           {people} AS people, {SETTLED}
    FROM identity_providers p {OF_TENANT.format(of="p")}
    WHERE p.tenant_id = i.tenant_id AND p.id = i.provider_id
  ) found
) END FROM issuer_index i WHERE i.digest = ANY($1::bytea[]) LIMIT 2"""


REMEMBER = """
WITH tenant AS MATERIALIZED (SELECT set_config('app.tenant', $1::uuid::text, true))
INSERT INTO subjects (tenant_id, id, issuer, subject, created_at, updated_at)
SELECT $1, $2, $3, $4, $5, $5 FROM tenant ON CONFLICT DO NOTHING"""
MOST = 10_000


class IssuerRegistry:
    """Above are nouns that subjects may act for: `acting` asks for them, as `lookup` says."""

    def __init__(self, pool: Pool, acting: str = NOBODY) -> None:
        self.pool, self.lookup = pool, lookup(acting)
        self._seen: set[UUID] = set()

    async def provider(
        self, issuer: str, audiences: Sequence[str], texts: Sequence[str]
    ) -> dict[str, Any] | None:
        """The one provider that tokens of an issuer for one of these audiences belong to, what its
        tenant has settled, and for whom subjects act whose names are among these texts. Null too
        where there are several: nobody shall guess."""
        digests = [issuer_digest(issuer, audience) for audience in set(audiences)]
        async with self.pool.line(issuer) as line:
            found = await line.driver.fetch(self.lookup, digests, texts)
        if len(found) != 1 or found[0][0] is None:
            return None
        provider: dict[str, Any] = from_json(found[0][0])
        return provider

    async def remember(self, tenant: UUID, id: UUID, names: tuple[str, str], at: datetime) -> None:
        """That a subject, of these names at its issuer, was here; each process says it once."""
        if id in self._seen:
            return
        async with self.pool.line(tenant) as line:
            await line.driver.execute(REMEMBER, tenant, id, *names, at)
        if len(self._seen) >= MOST:
            self._seen.clear()
        self._seen.add(id)
