from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import MISSING

from crm_api.features.desk.fitting.service import FittingService
from crm_api.kit.context import Context
from crm_api.kit.criteria import Document as Told
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.business_units.service import BusinessUnitService
from crm_api.platform.users.service import UserService

from . import rules
from .errors import TooManyPolicies
from .events import SlaPolicyArchived, SlaPolicyCreated, SlaPolicyRestored, SlaPolicyUpdated
from .models import SlaPolicyState
from .queries import SlaPolicyQuery
from .repository import SlaPolicyRepository
from .rules import Policy
from .schemas import SlaPolicyCreate, SlaPolicyRead, SlaPolicyUpdate

NOTHING: Mapping[str, Any] = {}


class SlaPolicyService:
    """How soon tickets are to be answered and resolved, and which policy says so of which. Those of
    a unit are read once in a unit of work."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.policies = SlaPolicyRepository(ctx)
        self.of_units: dict[UUID | None, list[Policy]] = {}

    async def list(self, query: SlaPolicyQuery) -> Listing:
        return await self.policies.page(query)

    async def get(self, id: UUID) -> Document[SlaPolicyRead]:
        return await self.policies.get(id)

    async def create(self, data: SlaPolicyCreate) -> Written[SlaPolicyRead]:
        sent = data.changes()
        if data.business_unit_id:
            await BusinessUnitService(self.ctx).check_live(data.business_unit_id)
        await FittingService(self.ctx).check(data.conditions)
        await self._check(sent)
        await self._check_room()
        return self.policies.add(SlaPolicyCreated, **sent)

    def create_built_in(self) -> None:
        """The one that every tenant begins with; nobody's act, and so no event."""
        self.policies.place(rules.built_in(self.ctx.tenant.languages))

    async def update(self, id: UUID, data: SlaPolicyUpdate) -> Written[SlaPolicyRead]:
        sent = data.changes()
        if data.conditions is not MISSING:
            await FittingService(self.ctx).check(data.conditions)
        policy = await self.policies.editable(id)
        await self._check(sent, vars(policy))
        return self.policies.change(policy, SlaPolicyUpdated, **sent)

    async def archive(self, id: UUID) -> Written[SlaPolicyRead]:
        return await self.policies.move(id, SlaPolicyState.archived, SlaPolicyArchived)

    async def restore(self, id: UUID) -> Written[SlaPolicyRead]:
        await self._check_room()
        return await self.policies.move(id, SlaPolicyState.live, SlaPolicyRestored)

    async def fitting(self, ticket: Told, unit: UUID | None) -> Policy | None:
        """The policy of a ticket: the first that fits it; else the default of its unit, or of the
        nearest above; else that of the group."""
        if unit not in self.of_units:
            self.of_units[unit] = await self.policies.in_force(unit)
        policies = self.of_units[unit]
        conditions = [policy.conditions for policy in policies]
        number = await FittingService(self.ctx).first(conditions, ticket) if policies else None
        return None if number is None else policies[number]

    async def known(self, id: UUID) -> Policy | None:
        """Of those that are in force for a ticket's unit, as they were read for it."""
        read = (policy for policies in self.of_units.values() for policy in policies)
        found = next((policy for policy in read if policy.id == id), None)
        return found or await self.policies.known(id)

    async def conditions(self, id: UUID) -> Mapping[str, Any] | None:
        """Which tickets a policy is for; null for all."""
        policy = await self.policies.known(id)
        return policy.conditions if policy else None

    async def by_calendar(self, calendar: UUID) -> Sequence[UUID]:
        """The policies whose clocks go on otherwise where a calendar is changed."""
        return await self.policies.by_calendar(calendar)

    async def _check(self, sent: dict[str, Any], before: Mapping[str, Any] = NOTHING) -> None:
        """Raises DefaultForAll, UnknownUsers."""
        rules.check({**before, **sent})
        known = set(rules.told(before.get("escalations", ())).values())
        named = rules.told(sent.get("escalations", ()))
        new = {place: id for place, id in named.items() if id not in known}
        if new:
            await UserService(self.ctx).check_named(new)

    async def _check_room(self) -> None:
        """Raises TooManyPolicies."""
        if await self.policies.counted(state=SlaPolicyState.live) >= rules.MOST_POLICIES:
            raise TooManyPolicies(rules.MOST_POLICIES)
