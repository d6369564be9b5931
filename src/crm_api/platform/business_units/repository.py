from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from pydantic_core import from_json, to_json

from crm_api.kit import timers
from crm_api.kit.alone import alone
from crm_api.kit.events import Event
from crm_api.kit.naming import NamedRepository
from crm_api.kit.projection import Written

from . import periods, statements
from .events import BusinessUnitCreated, BusinessUnitMoved
from .models import BusinessUnit
from .periods import Period, Periods
from .residents import counted
from .resource import BUSINESS_UNIT
from .rules import Found, Line, check_there, check_tree, midnight
from .schemas import BusinessUnitRead

TIMER = "business_units"


class BusinessUnitRepository(NamedRepository[BusinessUnit, BusinessUnitRead]):
    """Whoever changes the tree locks it first, and before any row."""

    model = BusinessUnit
    noun = BUSINESS_UNIT
    read = BusinessUnitRead
    texts = ("code",)

    async def lock(self) -> None:
        """Nobody else changes the tree of this tenant until the commit."""
        await alone(self.ctx, "tree of", TIMER)

    async def check_place(self, unit: UUID, period: Period, ends: date | None) -> Found:
        """Whether a unit may be at the place of a period, on all of its dates.

        Raises UnknownReference, WrongPlace.
        """
        asked = {"unit": unit, "begins": period.from_on, "ends": ends}
        place = {"parent": period.place.parent_id, "entity": period.place.legal_entity_id}
        (row,) = await self.ctx.work.rows(statements.AT_PLACE, asked | place)
        found = Found(**row._mapping)
        check_there(period.place, found)
        check_tree(period, found)
        return found

    async def plant(self, begun: Period, **values: Any) -> Written[BusinessUnitRead]:
        """A new unit at its place; its `id` is given."""
        made = self.add(BusinessUnitCreated, **values, **_columns([begun], begun))
        await self._span(made.id, [begun])
        await self._redraw([made.id])
        return made

    async def replant(
        self, unit: BusinessUnit, event: type[Event], after: Periods, today: date
    ) -> Written[BusinessUnitRead]:
        """A unit with other periods; its lines follow where that of today is another."""
        now = periods.current(after, today) or after[0]
        written = self.change(unit, event, **_columns(after, now))
        if written.outcome == "updated":
            await self._span(unit.id, after)
            await self._redraw([unit.id])
            await self._wait(after, today)
        return written

    async def catch_up(self, today: date) -> date | None:
        """Moves whatever was planned to move until today; when the next move is planned for."""
        due = [row._mapping for row in await self.ctx.work.rows(statements.DUE, {"today": today})]
        places = {place["id"]: place for place in due}
        for unit in await self.load_all(list(places)):
            self.change(unit, BusinessUnitMoved, **places[unit.id])
        await self._redraw(list(places))
        (next,) = await self.ctx.work.rows(statements.NEXT, {"today": today})
        day: date | None = next.day
        return day

    async def used(self, place: UUID, today: date) -> bool:
        """Whether a live unit stands below this unit, or belongs to this entity, or will."""
        found = await self.ctx.work.rows(statements.IN_USE, {"place": place, "today": today})
        return bool(found[0].used)

    async def archived_place(self, unit: UUID, today: date) -> str | None:
        """The column of a place of today or later that is archived."""
        found = await self.ctx.work.rows(statements.ARCHIVED_PLACE, {"unit": unit, "today": today})
        return found[0].field if found else None

    async def lines(self, units: Sequence[UUID], day: date) -> dict[UUID, Line]:
        """Of each unit itself and those above it on a date; none where it was not there yet."""
        found = await self.ctx.work.fetch(statements.LINES_ABOVE, {"units": units, "day": day})
        return {UUID(id): line or [] for id, line in from_json(found or "{}").items()}

    async def state(self, unit: UUID) -> str | None:
        found: str | None = await self.ctx.work.fetch(statements.STATE, {"unit": unit})
        return found

    async def residents(self, unit: UUID) -> dict[str, int]:
        """How many records of other nouns stand in the unit or below it today."""
        return dict(from_json(await self.ctx.work.fetch(counted(), {"id": unit})))

    async def _span(self, unit: UUID, spans: Periods) -> None:
        told = to_json(periods.rows(spans)).decode()
        await self.ctx.work.rows(statements.SPAN, {"unit": unit, "periods": told})

    async def _redraw(self, units: Sequence[UUID]) -> None:
        await self.ctx.work.rows(statements.REDRAW, {"units": list(units)})

    async def _wait(self, spans: Periods, today: date) -> None:
        """One timer for all planned moves of a tenant: the day of the next."""
        if next := periods.end(spans, today):
            tenant = self.ctx.tenant
            at = midnight(next, tenant.time_zone)
            await timers.hasten(self.ctx, TIMER, uuid5(tenant.id, TIMER), tenant.id, at)


def _columns(spans: Periods, now: Period) -> dict[str, Any]:
    return {"periods": periods.told(spans), **periods.columns(now.place)}
