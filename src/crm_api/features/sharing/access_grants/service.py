from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.errors import Archived, NotFound, UnknownReference
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.business_units.placing import PlaceService
from crm_api.platform.business_units.service import BusinessUnitService

from . import rules
from .events import AccessGrantExpired, AccessGrantRevoked
from .models import AccessGrantState
from .repository import AccessGrantRepository
from .schemas import AccessGrantCreate, AccessGrantQuery, AccessGrantRead, AccessGrantRevoke

Terms = Mapping[str, Any]


class AccessGrantService:
    """Which units see customers of others, on what terms, and until when."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.grants = AccessGrantRepository(ctx)

    async def list(self, query: AccessGrantQuery) -> Listing:
        return await self.grants.page(query)

    async def get(self, id: UUID) -> Document[AccessGrantRead]:
        return await self.grants.get(id)

    async def create(self, data: AccessGrantCreate) -> Written[AccessGrantRead]:
        """Whoever may change a customer shares it. Raises UnknownReference, OutOfReach."""
        try:
            return await self.give(data.model_dump())
        except NotFound:
            raise UnknownReference("/customer_id") from None

    async def give(self, terms: Terms) -> Written[AccessGrantRead]:
        """Raises NotFound, OutOfReach, OnlyShared for a customer whom the caller does not see, may
        not change, or has from others; Archived, NeedsBasis, WrongUntil."""
        kind, state = await self.grants.hold_customer(terms["customer_id"])
        units = await self.grants.units_sharing(terms["customer_id"])
        if state == "archived":
            raise Archived
        self.check_until(terms["until"])
        await BusinessUnitService(self.ctx).check_live(terms["business_unit_id"])
        await self._check_basis(kind, units, terms)
        return self.grants.add_new(**terms)

    def check_until(self, until: datetime | None) -> None:
        """Raises WrongUntil."""
        rules.check_until(until, self.ctx.now)

    def check_level(self, asked: str, given: str) -> None:
        """Raises WrongTerms."""
        rules.check_level(asked, given)

    async def check_changes(self, customer: UUID) -> None:
        """Raises NotFound, OutOfReach, OnlyShared."""
        await self.grants.hold_customer(customer)
        await self.grants.units_sharing(customer)

    async def revoke(self, id: UUID, data: AccessGrantRevoke) -> Written[AccessGrantRead]:
        """By whoever may change the customer, or by the unit itself, which gives it up."""
        grant = await self.grants.load(id)
        said = {"state": AccessGrantState.revoked, "ended_reason": data.reason}
        return self.grants.end(grant, AccessGrantRevoked, **said)

    async def expire(self, id: UUID) -> datetime | None:
        """Ends a grant whose time is over; when it will be, if it is not yet."""
        [grant] = await self.grants.load_all([id])
        if grant.state != AccessGrantState.active or grant.until is None:
            return None
        if grant.until > self.ctx.now:
            return grant.until
        self.grants.end(grant, AccessGrantExpired, state=AccessGrantState.expired)
        return None

    async def _check_basis(self, kind: str, units: set[UUID], terms: Terms) -> None:
        """By the legal entities of today's tree. Raises NeedsBasis."""
        if kind == rules.PERSON and units:
            places = PlaceService(self.ctx)
            entities = await places.entities({*units, terms["business_unit_id"]})
            rules.check_basis(kind, entities.values(), terms)
