"""The units for which records are made, one after the other."""

from uuid import UUID

from crm_api.kit.context import Context

from .placing import PlaceService
from .service import BusinessUnitService


class ChosenUnits:
    """Each is looked for once in a unit of work; `zones` are the time zones of those chosen."""

    def __init__(self, ctx: Context, scope: str) -> None:
        self.ctx, self.scope = ctx, scope
        self.units = BusinessUnitService(ctx)
        self.zones: dict[UUID, str] = {}

    async def choose(self, said: UUID | None) -> UUID:
        """The live unit that is said, else the one that the caller works in.

        Raises SayUnit, NotYourUnit, UnknownReference, WrongPlace.
        """
        unit = await self.units.working(self.scope, said)
        if unit not in self.zones:
            self.zones[unit] = await PlaceService(self.ctx).zone(unit)
        return unit
