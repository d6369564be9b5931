from collections.abc import Mapping
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.errors import UnknownReference
from crm_api.kit.looking import seen_of
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written

from . import periods, rules
from .errors import StillInUse, TooManyUnits
from .events import (
    BusinessUnitArchived,
    BusinessUnitMoved,
    BusinessUnitMovePlanned,
    BusinessUnitRestored,
    BusinessUnitUpdated,
)
from .models import BusinessUnitState
from .periods import Period, Place
from .repository import BusinessUnitRepository
from .resource import BUSINESS_UNIT
from .schemas import (
    BusinessUnitCreate,
    BusinessUnitMove,
    BusinessUnitQuery,
    BusinessUnitRead,
    BusinessUnitUpdate,
)
from .working import check_own, working_unit


class BusinessUnitService:
    """The tree of the group's units, as it is, was and will be."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.units = BusinessUnitRepository(ctx)
        self.today = rules.today(ctx.now, ctx.tenant.time_zone)
        self.live: set[UUID] = set()

    async def list(self, query: BusinessUnitQuery) -> Listing:
        return await self.units.page(query)

    async def get(self, id: UUID) -> Document[BusinessUnitRead]:
        return await self.units.get(id)

    async def create(self, data: BusinessUnitCreate) -> Written[BusinessUnitRead]:
        rules.check_dates(data.opens_on, data.closes_on)
        await self.units.lock()
        await self._check_room()
        id, place = self.ctx.new_id(), Place(data.parent_id, data.legal_entity_id)
        found = await self.units.check_place(id, Period(self.today, place), None)
        first = Period(rules.begins(data.opens_on, found.parent_from, self.today), place)
        if first.from_on < self.today:
            await self.units.check_place(id, first, None)
        return await self.units.plant(first, id=id, **data.model_dump(exclude=rules.PLACE))

    async def update(self, id: UUID, data: BusinessUnitUpdate) -> Written[BusinessUnitRead]:
        unit, sent = await self.units.editable(id), data.changes()
        after = vars(unit) | sent
        rules.check_dates(after["opens_on"], after["closes_on"])
        return self.units.rewrite(unit, BusinessUnitUpdated, **sent)

    async def move(self, id: UUID, data: BusinessUnitMove) -> Written[BusinessUnitRead]:
        """From a date on; a date to come is a plan, whose day the worker waits for."""
        await self.units.lock()
        unit = await self.units.editable(id)
        known = periods.read(unit.periods)
        wanted = rules.wanted(known, data.on or self.today, data.changes())
        await self.units.check_place(id, wanted, periods.end(known, wanted.from_on))
        after = periods.placed(known, wanted.from_on, wanted.place)
        rules.check_number(after)
        event = BusinessUnitMovePlanned if wanted.from_on > self.today else BusinessUnitMoved
        return await self.units.replant(unit, event, after, self.today)

    async def archive(self, id: UUID) -> Written[BusinessUnitRead]:
        """Raises StillInUse."""
        await self.check_unused(id)
        return await self.units.move(id, BusinessUnitState.archived, BusinessUnitArchived)

    async def restore(self, id: UUID) -> Written[BusinessUnitRead]:
        """Raises WrongPlace, TooManyUnits."""
        await self.units.lock()
        await self._check_room()
        if field := await self.units.archived_place(id, self.today):
            raise rules.archived(field)
        return await self.units.move(id, BusinessUnitState.live, BusinessUnitRestored)

    async def check_unused(self, place: UUID) -> None:
        """Raises StillInUse where live units stand below this unit, or belong to this entity."""
        await self.units.lock()
        if await self.units.used(place, self.today):
            raise StillInUse

    async def check_live(self, id: UUID, field: str = "business_unit_id") -> None:
        """Raises UnknownReference, WrongPlace: what belongs to a unit belongs to a live one."""
        state = await self.units.state(id)
        if state is None:
            raise UnknownReference(f"/{field}")
        if state == BusinessUnitState.archived:
            raise rules.archived(field)

    async def working(self, scope: str, said: UUID | None, *users: UUID | None) -> UUID:
        """The live unit for which the caller makes a record, on which these work: one that is said,
        else his own. Raises SayUnit, NotYourUnit, NotYours, UnknownReference, WrongPlace."""
        unit = working_unit(self.ctx.actor, scope, said)
        if unit not in self.live:
            await self.check_live(unit)
            self.live.add(unit)
        if users:
            check_own(self.ctx.actor, scope, unit, users)
        return unit

    async def check_known(self, named: Mapping[str, UUID]) -> None:
        """Live or archived, by the pointers to where they stand. Raises UnknownReference."""
        there = await seen_of(self.ctx, BUSINESS_UNIT.model, named.values())
        wrong = [place for place, id in named.items() if id not in there]
        if wrong:
            raise UnknownReference(*wrong)

    async def _check_room(self) -> None:
        if await self.units.counted(state=BusinessUnitState.live) >= rules.MOST_UNITS:
            raise TooManyUnits(rules.MOST_UNITS)
