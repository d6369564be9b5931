"""The numbers of documents, for the features that make them."""

from collections.abc import Mapping
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.errors import UnknownReference
from crm_api.platform.business_units.rules import today

from . import rules
from .registry import BUILT_IN
from .repository import NumberPatternRepository
from .rules import OfUnit, Way


class NumberService:
    """Numbers without gaps: they are of the transaction of the documents, and what is rolled back
    gives them back. Whoever takes the next ones waits until then, so take them last.

    Who takes numbers of several nouns in one transaction takes them in the order of their words.
    """

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.patterns = NumberPatternRepository(ctx)

    async def next(self, noun: str, unit: UUID, count: int = 1) -> list[str]:
        """The next `count` numbers of a unit's documents; `noun` is the word of their resource.

        Raises UnknownReference, NoCode.
        """
        return (await self.next_of_each(noun, {unit: count}))[unit]

    async def next_of_each(self, noun: str, wanted: Mapping[UUID, int]) -> dict[UUID, list[str]]:
        """As `next`, for documents of several units at once: so many of each."""
        found = await self.patterns.of_units(noun, wanted)
        if found.keys() < wanted.keys():
            raise UnknownReference("/business_unit_id")
        ways = {unit: self._way(noun, found[unit]) for unit in wanted}
        days = {way.counter: way.day for way in ways.values()}
        after = await self.patterns.take(noun, rules.totals(wanted, ways), days)
        return rules.handed_out(wanted, ways, after)

    def _way(self, noun: str, of: OfUnit) -> Way:
        day = today(self.ctx.now, of.zone or self.ctx.tenant.time_zone)
        return rules.way(of.numbering or BUILT_IN[noun], of.code, day)
