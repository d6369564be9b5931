from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit import timers
from crm_api.kit.alone import alone
from crm_api.kit.conflicts import expect
from crm_api.kit.db import table_of
from crm_api.kit.errors import NotFound
from crm_api.kit.events import Event, following
from crm_api.kit.projection import Document, Written
from crm_api.kit.reader import Expand
from crm_api.kit.repository import Repository
from crm_api.kit.ruled import check_change, check_new
from crm_api.kit.statement import TENANT
from crm_api.kit.viewers import Because, set_viewers
from crm_api.platform.users.listed import relist

from .errors import OnlyShared
from .events import UnitProfileCreated, UnitProfileUpdated
from .models import UnitProfile, UnitProfileCollaborator
from .queries import OF_LIVE, Contacts, units_behind
from .resource import UNIT_PROFILE
from .rules import READ, viewers
from .schemas import UnitProfileRead

TIMER = "unit_profiles"
PROFILES = table_of(UnitProfile)
ID = select(PROFILES.c.id).where(
    PROFILES.c.tenant_id == TENANT,
    PROFILES.c.customer_id == bindparam("customer", type_=Uuid()),
    PROFILES.c.business_unit_id == bindparam("unit", type_=Uuid()),
)
BY_UNIT = ID.correlate(None).scalar_subquery()


class UnitProfileRepository(Repository[UnitProfile, UnitProfileRead]):
    model = UnitProfile
    noun = UNIT_PROFILE
    read = UnitProfileRead

    async def of_unit(
        self, customer: UUID, unit: UUID, expand: Expand
    ) -> Document[UnitProfileRead]:
        return await self.get_by(BY_UNIT, expand, customer=customer, unit=unit)

    async def row(self, customer: UUID, unit: UUID) -> UnitProfile | None:
        """Locked. Raises NotFound, OutOfReach where the caller may not change what is there."""
        found = await self.ctx.work.rows(ID, {"customer": customer, "unit": unit})
        return await self.mine(found[0].id) if found else None

    async def editable_of(self, customer: UUID, unit: UUID) -> UnitProfile:
        """As `row`; `If-Match` is checked here. Raises NotFound where there is none, too."""
        profile = await self.row(customer, unit)
        if profile is None:
            raise NotFound
        await expect(self.ctx, profile)
        return profile

    async def stamp(self, contacts: Contacts) -> None:
        """Last contacts, whoever calls; an earlier one than is known is none, and profiles of
        archived customers stay as they are."""
        customers, units = zip(*contacts, strict=True)
        asked = {"customers": list(customers), "units": list(units)}
        found = [row.id for row in await self.ctx.work.rows(OF_LIVE, asked)]
        for profile in await self.load_any(found):
            at, event = contacts[profile.customer_id, profile.business_unit_id]
            last = max(at, profile.last_contact_at or at)
            with following(self.ctx, event):
                self.bring_about(profile, UnitProfileUpdated, last_contact_at=last)

    async def claim(self, customer: UUID, unit: UUID) -> UnitProfile | None:
        """As `row`; where there is none, nobody else makes one until the commit."""
        if (profile := await self.row(customer, unit)) is not None:
            return profile
        await alone(self.ctx, UNIT_PROFILE.word, customer, unit)
        return await self.row(customer, unit)

    async def check_known(self, customer: UUID) -> None:
        """Raises OnlyShared where the caller sees a customer by no unit's profile."""
        actor, asked = self.ctx.actor, {"customer": customer}
        limited = actor.reach.viewers.get(READ) is not None
        if limited and not await self.ctx.work.rows(units_behind(actor, READ), asked):
            raise OnlyShared

    def add_new(self, **values: Any) -> Written[UnitProfileRead]:
        check_new(self.ctx.actor, self.read, values)
        id = self.ctx.new_id()
        relist(self, UnitProfileCollaborator, _of(id), (), values.get("collaborator_ids", ()))
        self._show(id, values, set(), viewers(values))
        return self.add(UnitProfileCreated, id=id, **values)

    def rewrite(
        self, row: UnitProfile, event: type[Event], **values: Any
    ) -> Written[UnitProfileRead]:
        check_change(self.ctx.actor, self.read, row, values)
        if "collaborator_ids" in values:
            listed = values["collaborator_ids"]
            relist(self, UnitProfileCollaborator, _of(row.id), row.collaborator_ids, listed)
        self._show(row.id, vars(row), viewers(vars(row)), viewers(vars(row) | values))
        return self.change(row, event, **values)

    async def wait(self, id: UUID, expires: datetime) -> None:
        """A timer of the profile; whoever changes the profile has its row, or has just made it."""
        await timers.hasten(self.ctx, TIMER, id, self.ctx.tenant.id, expires)

    def _show(self, id: UUID, of: Mapping[str, Any], before: set[UUID], after: set[UUID]) -> None:
        """Whoever works on a customer for a unit sees the customer, and so does the unit."""
        because = Because(source_id=id, unit_id=of["business_unit_id"])
        set_viewers(self.ctx, CUSTOMER, of["customer_id"], because, before, after)


def _of(id: UUID) -> dict[str, UUID]:
    return {"unit_profile_id": id}
