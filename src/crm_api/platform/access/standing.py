"""Who asked for something that is done later, as he stands by now."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from crm_api.kit.actor import OPERATOR, Actor, Tenant, common
from crm_api.kit.context import House
from crm_api.platform.organization.registry import TenantRegistry

from .registry import KeyRegistry


@dataclass(frozen=True, slots=True)
class Asker:
    """What he was when he asked."""

    id: UUID
    scopes: frozenset[str]
    masked: bool


async def tenant_of(house: House, id: UUID) -> Tenant:
    """A tenant as it has settled itself."""
    return await TenantRegistry(house).settled(id)


async def as_he_stands(house: House, tenant_id: UUID, asker: Asker) -> Actor | None:
    """The same with the rights that he still has; null where he has none any more.

    A key counts until it is revoked or ends, a token as long as its key. Whoever came with a
    token of a provider counts while that provider is trusted.
    """
    found = await KeyRegistry(house.pool).standing(tenant_id, asker.id)
    tenant = Tenant.of(tenant_id, found)
    if found["suspended"] or not _known(found, asker.id) or _ended(house, tenant, found):
        return None
    kept = asker.scopes if found["key_id"] is None else common(asker.scopes, found["scopes"])
    return Actor(asker.id, tenant, kept, masked=asker.masked or bool(found["masked"]))


def _known(found: dict[str, Any], id: UUID) -> bool:
    return found["key_id"] is not None or found["is_trusted"] or id == OPERATOR


def _ended(house: House, tenant: Tenant, found: dict[str, Any]) -> bool:
    ends = found["expires"]
    return bool(ends) and datetime.fromtimestamp(ends, UTC) <= tenant.now(house.clock)
