"""The units for which records are made, one after the other."""

from uuid import UUID

from crm_api.kit.context import Context

from .placing import PlaceService
from .rules import Line
from .service import BusinessUnitService


class ChosenUnits:
    """Each is looked for once in a unit of work, and so is where it stands today."""

    def __init__(self, ctx: Context, scope: str) -> None:
        self.scope = scope
        self.units, self.places = BusinessUnitService(ctx), PlaceService(ctx)
        self.lines: dict[UUID, Line] = {}

    async def choose(self, said: UUID | None) -> UUID:
        """The live unit that is said, else the one that the caller works in.

        Raises SayUnit, NotYourUnit, UnknownReference, WrongPlace.
        """
        return await self.units.working(self.scope, said)

    async def zone(self, unit: UUID) -> str:
        """The time zone of a unit, its own or the nearest above it; else the tenant's."""
        return self.places.zone_of(await self._line(unit))

    async def entity(self, unit: UUID) -> str | None:
        """The legal entity of a unit, its own or that of the nearest above; null for none."""
        return self.places.entity_of(await self._line(unit))

    async def _line(self, unit: UUID) -> Line:
        if unit not in self.lines:
            self.lines[unit] = await self.places.line(unit)
        return self.lines[unit]
