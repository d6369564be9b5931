from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.features.customers.service import CustomerService
from crm_api.features.profiles.grade_schemes.service import GradeSchemeService
from crm_api.kit.conflicts import expect
from crm_api.kit.context import Context
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.reader import Expand
from crm_api.kit.ruled import check_sent
from crm_api.platform.business_units.service import BusinessUnitService
from crm_api.platform.custom_fields.searching import Searching
from crm_api.platform.users.listed import newly_working, told, with_more, without
from crm_api.platform.users.schemas import CollaboratorsChange
from crm_api.platform.users.service import UserService

from . import rules
from .criteria import PROFILES
from .errors import ArchivedUnit
from .events import UnitProfileGradeExpired, UnitProfileLifecycleChanged, UnitProfileUpdated
from .models import UnitProfile
from .queries import Contacts, UnitProfileQuery, UnitProfilesOfCustomer
from .repository import UnitProfileRepository
from .schemas import LifecycleMove, UnitProfileRead, UnitProfileUpsert

Sent = dict[str, Any]


class UnitProfileService(Searching[UnitProfileRead, UnitProfileQuery]):
    """What each unit knows and decides about the customers that it has in common with others."""

    fields = PROFILES

    def __init__(self, ctx: Context) -> None:
        self.profiles = UnitProfileRepository(ctx)
        super().__init__(ctx, self.profiles)
        self.customers = CustomerService(ctx)

    async def of_customer(self, customer: UUID, query: UnitProfilesOfCustomer) -> Listing:
        await self.customers.get(customer)
        return await self.list(UnitProfileQuery(customer_id=[customer], **query.model_dump()))

    async def of_unit(
        self, customer: UUID, unit: UUID, expand: Expand = ()
    ) -> Document[UnitProfileRead]:
        return await self.profiles.of_unit(customer, unit, expand)

    async def upsert(
        self, customer: UUID, unit: UUID, data: UnitProfileUpsert
    ) -> Written[UnitProfileRead]:
        """Changed, or begun where the unit has none yet; `If-Match` only fits what is there."""
        await self.customers.hold(customer)
        profile = await self.profiles.claim(customer, unit)
        await expect(self.ctx, profile)
        values = await self._fitting(unit, profile, data.changes())
        if profile is None:
            written = await self._begin(customer, unit, values)
        else:
            written = self.profiles.rewrite(profile, UnitProfileUpdated, **values)
        if expires := values.get("grade_expires_at"):
            await self.profiles.wait(written.id, expires)
        return written

    async def add_collaborators(
        self, customer: UUID, unit: UUID, data: CollaboratorsChange
    ) -> Written[UnitProfileRead]:
        profile = await self._editable(customer, unit)
        working = await with_more(self.ctx, profile.collaborator_ids, data.collaborator_ids)
        return self.profiles.rewrite(profile, UnitProfileUpdated, collaborator_ids=working)

    async def remove_collaborators(
        self, customer: UUID, unit: UUID, data: CollaboratorsChange
    ) -> Written[UnitProfileRead]:
        profile = await self._editable(customer, unit)
        left = without(profile.collaborator_ids, data.collaborator_ids)
        return self.profiles.rewrite(profile, UnitProfileUpdated, collaborator_ids=left)

    async def move(
        self, customer: UUID, unit: UUID, data: LifecycleMove
    ) -> Written[UnitProfileRead]:
        profile = await self._editable(customer, unit)
        values = rules.moved(profile.lifecycle, profile.lifecycle_before, data.to)
        values |= {"lifecycle_reason": data.reason, "lifecycle_changed_at": self.ctx.now}
        return self.profiles.change(profile, UnitProfileLifecycleChanged, **values)

    def begin_at_home(self, customer: UUID) -> None:
        """A new customer is of the unit in which its maker works. Raises SayUnit."""
        begun = rules.at_home(self.ctx.actor, self.ctx.unit)
        if begun:
            begun |= {"customer_id": customer, "lifecycle_changed_at": self.ctx.now}
            self.profiles.add_new(**begun)

    async def expire_grade(self, id: UUID) -> datetime | None:
        """Ends a grade whose time is over; when it will be, if it is not yet."""
        [profile] = await self.profiles.load_all([id])
        expires = profile.grade_expires_at
        if expires and expires <= self.ctx.now:
            self.profiles.change(profile, UnitProfileGradeExpired, **rules.UNGRADED)
            return None
        return expires

    async def contacted(self, contacts: Contacts) -> None:
        """Customers were, for units: their profiles tell when it was the last time."""
        if contacts:
            await self.profiles.stamp(contacts)

    async def _editable(self, customer: UUID, unit: UUID) -> UnitProfile:
        await self.customers.hold(customer)
        return await self.profiles.editable_of(customer, unit)

    async def _begin(self, customer: UUID, unit: UUID, values: Sent) -> Written[UnitProfileRead]:
        rules.check_reached(self.ctx.actor, unit, values.get("owner_id"))
        await self.profiles.check_known(customer)
        if (await BusinessUnitService(self.ctx).get(unit)).value.state == "archived":
            raise ArchivedUnit
        begun = {"customer_id": customer, "business_unit_id": unit}
        return self.profiles.add_new(**begun, **values, lifecycle_changed_at=self.ctx.now)

    async def _fitting(self, unit: UUID, profile: UnitProfile | None, sent: Sent) -> Sent:
        """What was sent, as columns have it, with what follows from it."""
        check_sent(self.ctx.actor, UnitProfileRead, sent)
        named = newly_working(vars(profile) if profile else {}, sent)
        await UserService(self.ctx).check_named(named)
        if "collaborator_ids" in sent:
            sent["collaborator_ids"] = told(sent["collaborator_ids"])
        if "credit_limit" in sent:
            sent |= rules.terms(sent)
        return sent | await self._graded(unit, profile, sent)

    async def _graded(self, unit: UUID, profile: UnitProfile | None, sent: Sent) -> Sent:
        """Another grade is of the scheme in force now; one that is sent again stays as it is."""
        held = profile.grade if profile else None
        grade = sent.get("grade", held)
        rules.check_expiry(grade, sent.get("grade_expires_at"), self.ctx.now)
        if grade == held:
            return {}
        if grade is None:
            return dict(rules.UNGRADED)
        scheme = await GradeSchemeService(self.ctx).holding(unit, grade)
        return rules.judged(grade, scheme) | {"grade_expires_at": sent.get("grade_expires_at")}
