"""Who asked for something that is done later, as he stands by now."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from crm_api.kit.actor import OPERATOR, Actor, Tenant
from crm_api.kit.context import House
from crm_api.kit.covering import EVERYTHING, common
from crm_api.kit.ruled import NO_MASKS, Masks
from crm_api.platform.business_units.resource import BUSINESS_UNIT
from crm_api.platform.organization.registry import TenantRegistry
from crm_api.platform.role_assignments.holding import acting_as, held

from .registry import KeyRegistry


@dataclass(frozen=True, slots=True)
class Asker:
    """What he was when he asked, and what was hidden from him; `unit_id` is the unit that his
    request was narrowed to."""

    id: UUID
    scopes: frozenset[str]
    masked: bool
    user_id: UUID | None = None
    unit_id: UUID | None = None
    masks: Masks = NO_MASKS


async def tenant_of(house: House, id: UUID) -> Tenant:
    """A tenant as it has settled itself."""
    return await TenantRegistry(house).settled(id)


async def as_he_stands(house: House, tenant_id: UUID, asker: Asker) -> Actor | None:
    """The same with the rights that he still has; null where he has none any more.

    A key counts until it is revoked or ends, a token as long as its key. Whoever came with a
    token of a provider counts while that provider is trusted. Whoever acted as a user may do what
    the roles of that user say by now.
    """
    found = await KeyRegistry(house.pool).standing(tenant_id, asker.id, asker.user_id)
    tenant = Tenant.of(tenant_id, found)
    if found["suspended"] or not _known(found, asker.id) or _ended(house, tenant, found):
        return None
    kept = common(asker.scopes, frozenset(found["scopes"] or {EVERYTHING}))
    masked = asker.masked or bool(found["masked"])
    actor = Actor(asker.id, tenant, kept, masked=masked, masks=asker.masks, fixed=asker.masks)
    if found["held"] is not None:
        user = held(found["held"], tenant.now(house.clock))
        if not user.active:
            return None
        named = replace(actor, user_id=user.user_id)
        actor = acting_as(actor, user) if user.ever else named
    if asker.unit_id is None:
        return actor
    unit = BUSINESS_UNIT.prefix.write(asker.unit_id)
    return await house.doorkeeper.in_place(actor, None, unit)


def _known(found: dict[str, Any], id: UUID) -> bool:
    return found["key_id"] is not None or found["is_trusted"] or id == OPERATOR


def _ended(house: House, tenant: Tenant, found: dict[str, Any]) -> bool:
    ends = found["expires"]
    return bool(ends) and datetime.fromtimestamp(ends, UTC) <= tenant.now(house.clock)
