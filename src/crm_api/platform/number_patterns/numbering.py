"""The numbers of documents, for the features that make them."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any
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

    async def next_of_each(
        self, noun: str, wanted: Mapping[UUID, int], sent: Collection[str] = ()
    ) -> dict[UUID, list[str]]:
        """As `next`, for documents of several units at once: so many of each. Numbers that somebody
        has given by hand are passed over, also those that are `sent` in the same request."""
        numbers = await self._take(noun, wanted)
        known = {*sent, *await self.patterns.given(noun, numbers)}
        return {
            unit: await self._pass_over(noun, unit, those, sent) if known & {*those} else those
            for unit, those in numbers.items()
        }

    async def _pass_over(
        self, noun: str, unit: UUID, block: list[str], sent: Collection[str]
    ) -> list[str]:
        """As many numbers as in a block, of which some are given already: in larger and larger
        blocks; what is left of the last one is given back."""
        wanted, free = len(block), list[str]()
        while True:
            known = {*sent, *await self.patterns.given(noun, {unit: block})}
            free += [number for number in block if number not in known]
            if len(free) >= wanted:
                break
            block = (await self._take(noun, {unit: 2 * len(block)}))[unit]
        if unused := block[block.index(free[wanted - 1]) + 1 :]:
            await self._take(noun, {unit: -len(unused)})
        return free[:wanted]

    async def _take(self, noun: str, wanted: Mapping[UUID, int]) -> dict[UUID, list[str]]:
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


class Unnumbered:
    """New documents, kept back until all of a request are there, and then numbered together. One
    that has a `number` keeps it."""

    def __init__(self, ctx: Context, noun: str) -> None:
        self.numbers, self.noun = NumberService(ctx), noun
        self.kept: list[dict[str, Any]] = []

    def keep(self, document: dict[str, Any]) -> None:
        self.kept.append(document)

    async def numbered(self) -> list[dict[str, Any]]:
        """All that were kept, each with its number; none is kept any more."""
        kept, self.kept = self.kept, []
        units = Counter(one["business_unit_id"] for one in kept if "number" not in one)
        sent = {one["number"] for one in kept if "number" in one}
        numbers = await self.numbers.next_of_each(self.noun, units, sent) if units else {}
        return [
            one if "number" in one else {**one, "number": numbers[one["business_unit_id"]].pop(0)}
            for one in kept
        ]
