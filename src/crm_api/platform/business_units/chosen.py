"""The units for which records are made, one after the other."""

from uuid import UUID

from crm_api.kit.context import Context

from .placing import PlaceService
from .service import BusinessUnitService
from .working import working_unit


class ChosenUnits:
    """Each is looked for once in a unit of work; `zones` are the time zones of those chosen."""

    def __init__(self, ctx: Context, scope: str) -> None:
        self.ctx, self.scope = ctx, scope
        self.zones: dict[UUID, str] = {}

    async def choose(self, said: UUID | None) -> UUID:
        """The live unit that is said, else the one that the caller works in.

        Raises SayUnit, NotYourUnit, UnknownReference, WrongPlace.
        """
        unit = working_unit(self.ctx.actor, self.scope, said)
        if unit not in self.zones:
            await BusinessUnitService(self.ctx).check_live(unit)
            self.zones[unit] = await PlaceService(self.ctx).zone(unit)
        return unit
