"""Where units stand, and would stand: what is read about places."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.errors import NotFound
from crm_api.kit.words import say

from . import periods, rules
from .repository import BusinessUnitRepository
from .rules import Line
from .schemas import (
    BusinessUnitMove,
    BusinessUnitMovePreview,
    BusinessUnitPlace,
    PlaceAsked,
    UnitInLine,
)


class PlaceService:
    """Where a unit stands on a date, and what a move would change."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.units = BusinessUnitRepository(ctx)
        self.today = rules.today(ctx.now, ctx.tenant.time_zone)

    async def get(self, id: UUID, asked: PlaceAsked) -> BusinessUnitPlace:
        """Raises NotFound, also where the unit was not there yet."""
        on = asked.as_of or self.today
        line = await self._line(id, on)
        if not line:
            raise NotFound(say("There was no such record at that time."))
        return BusinessUnitPlace(
            object="business_unit_place",
            business_unit_id=id,
            on=on,
            path=_path(line),
            legal_entity_id=_nearest(line, "legal_entity_id"),
            time_zone=self.zone_of(line),
            calendar_id=_nearest(line, "calendar_id"),
        )

    async def entities(self, units: Collection[UUID]) -> dict[UUID, str | None]:
        """The legal entity of each today, its own or that of the nearest above; null for none."""
        lines = await self.units.lines(list(units), self.today)
        return {unit: self.entity_of(line) for unit, line in lines.items()}

    async def zone(self, unit: UUID) -> str:
        """The time zone of a unit today, its own or the nearest above it; else the tenant's."""
        return self.zone_of(await self.line(unit))

    async def line(self, unit: UUID) -> Line:
        """A unit and those above it, today."""
        return await self._line(unit, self.today)

    def zone_of(self, line: Line) -> str:
        return _nearest(line, "time_zone") or self.ctx.tenant.time_zone

    def entity_of(self, line: Line) -> str | None:
        found: str | None = _nearest(line, "legal_entity_id")
        return found

    async def preview(self, id: UUID, data: BusinessUnitMove) -> BusinessUnitMovePreview:
        """Raises what the move would raise."""
        unit = await self.units.editable(id)
        known = periods.read(unit.periods)
        wanted = rules.wanted(known, data.on or self.today, data.changes())
        until_on = periods.end(known, wanted.from_on)
        found = await self.units.check_place(id, wanted, until_on)
        before, after = await self._lines(id, wanted)
        return BusinessUnitMovePreview(
            object="business_unit_move_preview",
            business_unit_id=id,
            from_on=wanted.from_on,
            until_on=until_on,
            path_before=_path(before),
            path_after=_path(after),
            legal_entity_id_before=_nearest(before, "legal_entity_id"),
            legal_entity_id_after=_nearest(after, "legal_entity_id"),
            units_below=found.units_below,
            residents=await self.units.residents(id),
        )

    async def _lines(self, id: UUID, wanted: periods.Period) -> tuple[Line, Line]:
        """As the unit stands on the day, and as it would."""
        place, day = wanted.place, wanted.from_on
        before = await self._line(id, day)
        own = {**before[0], "legal_entity_id": place.legal_entity_id}
        return before, [own, *(await self._above(place.parent_id, day))]

    async def _above(self, parent: UUID | None, day: date) -> Line:
        return await self._line(parent, day) if parent else []

    async def _line(self, id: UUID, day: date) -> Line:
        return (await self.units.lines([id], day))[id]


def _path(line: Line) -> list[UnitInLine]:
    return [UnitInLine.model_validate(unit) for unit in reversed(line)]


def _nearest(line: Line, name: str) -> Any:
    """What the unit itself says, or the nearest above it that says it."""
    return next((unit[name] for unit in line if unit[name] is not None), None)
