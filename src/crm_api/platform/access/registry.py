"""Keys of all tenants, by what callers send: a key and its tenant are one question."""

from typing import Any
from uuid import UUID

from pydantic_core import from_json

from crm_api.kit.actor import REFUSAL
from crm_api.kit.errors import Unauthenticated
from crm_api.kit.pool import Pool
from crm_api.platform.organization.settled import OF_TENANT, SETTLED
from crm_api.platform.role_assignments.registry import HELD

FOUND = f"""
  SELECT row_to_json(found)::text FROM (
    SELECT k.id AS key_id, k.scopes, k.masked, extract(epoch FROM {{ends}}) AS expires,
           k.user_id, {HELD.format(tenant="k.tenant_id", user="k.user_id")} AS held, {SETTLED}
    FROM api_keys k {OF_TENANT.format(of="k")}
    WHERE k.tenant_id = {{tenant}} AND k.id = {{key}}
  ) found"""
ENDS = """CASE WHEN i.digest = k.digest THEN k.expires_at
      ELSE least(k.expires_at, k.previous_expires_at) END"""
BY_DIGEST = f"""
SELECT CASE WHEN set_config('app.tenant', i.tenant_id::text, true) IS NOT NULL THEN (
{FOUND.format(tenant="i.tenant_id", key="i.key_id", ends=ENDS)}
) END FROM key_index i WHERE i.digest = $1"""
BY_ID = f"""
SELECT CASE WHEN set_config('app.tenant', $1::uuid::text, true) IS NOT NULL THEN (
{FOUND.format(tenant="$1", key="$2::uuid", ends="k.expires_at")}
) END"""
STANDING = f"""
SELECT CASE WHEN set_config('app.tenant', $1::uuid::text, true) IS NOT NULL THEN (
  SELECT row_to_json(found)::text FROM (
    SELECT k.id AS key_id, k.scopes, k.masked, extract(epoch FROM k.expires_at) AS expires,
           {HELD.format(tenant="a.tenant_id", user="coalesce($3::uuid, k.user_id)")} AS held,
           EXISTS (
             SELECT FROM subjects who JOIN identity_providers p
             ON p.tenant_id = who.tenant_id AND p.issuer = who.issuer
             WHERE who.tenant_id = a.tenant_id AND who.id = $2::uuid
           ) AND coalesce((
             SELECT bool_or(u.state = 'active') FROM users u
             WHERE u.tenant_id = a.tenant_id AND u.subject_id = $2::uuid
           ), true) AS is_trusted, {SETTLED}
    FROM (SELECT $1::uuid AS tenant_id) a {OF_TENANT.format(of="a")}
    LEFT JOIN api_keys k ON k.tenant_id = a.tenant_id AND k.id = $2::uuid
  ) found
) END"""
USER = f"""
SELECT CASE WHEN set_config('app.tenant', $1::uuid::text, true) IS NOT NULL THEN (
  {HELD.format(tenant="$1::uuid", user="$2::uuid")}::text
) END"""
BELOW = """
SELECT CASE WHEN set_config('app.tenant', $1::uuid::text, true) IS NOT NULL THEN ARRAY(
  SELECT unit_id FROM business_unit_lines WHERE tenant_id = $1 AND ancestor_id = $2::uuid
) END"""
Row = dict[str, Any]


class KeyRegistry:
    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def by_digest(self, digest: bytes) -> Row | None:
        """`key_id, scopes, masked, expires` and what its tenant has settled."""
        async with self.pool.line(digest) as line:
            found = await line.driver.fetchval(BY_DIGEST, digest)
        return from_json(found) if found else None

    async def by_id(self, tenant: UUID, key: UUID) -> Row | None:
        async with self.pool.line(key) as line:
            found = await line.driver.fetchval(BY_ID, tenant, key)
        return from_json(found) if found else None

    async def standing(self, tenant: UUID, actor: UUID, user: UUID | None = None) -> Row:
        """As above, of a key or of a subject, and as which user it acts. A subject `is_trusted` if
        its provider is, and the user whom it is linked to, if any, is active; what the tenant has
        settled is always there. Raises Unauthenticated where there is no such tenant."""
        async with self.pool.line(tenant) as line:
            told = await line.driver.fetchval(STANDING, tenant, actor, user)
        if told is None:
            raise Unauthenticated(REFUSAL)
        found: Row = from_json(told)
        return found

    async def units_below(self, tenant: UUID, unit: UUID) -> frozenset[UUID]:
        """The unit and those below it today; none where it is not there."""
        async with self.pool.line(tenant) as line:
            return frozenset(await line.driver.fetchval(BELOW, tenant, unit) or ())

    async def user(self, tenant: UUID, user: UUID) -> Row | None:
        """What a user holds, as `role_assignments.holding` reads it."""
        async with self.pool.line(tenant) as line:
            found = await line.driver.fetchval(USER, tenant, user)
        return from_json(found) if found else None
