from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Row,
    Text,
    Uuid,
    and_,
    bindparam,
    select,
)

from crm_api.kit.db import table_of
from crm_api.kit.repository import Repository
from crm_api.kit.resource import declared
from crm_api.kit.statement import TENANT
from crm_api.platform.business_units.criteria import LINES
from crm_api.platform.business_units.in_force import nearest
from crm_api.platform.business_units.models import BusinessUnit

from .models import NumberPattern
from .registry import Numbering
from .resource import NUMBER_PATTERN
from .rules import Counter, OfUnit
from .schemas import NumberPatternRead
from .statements import TAKE, having

PATTERNS, UNITS = table_of(NumberPattern), table_of(BusinessUnit)
UNIT = UNITS.alias("unit")
ABOVE = UNITS.alias("above")
ZONE = (
    select(ABOVE.c.time_zone)
    .join_from(LINES, ABOVE, and_(ABOVE.c.tenant_id == TENANT, ABOVE.c.id == LINES.c.ancestor_id))
    .where(
        LINES.c.tenant_id == TENANT, LINES.c.unit_id == UNIT.c.id, ABOVE.c.time_zone.is_not(None)
    )
    .order_by(LINES.c.depth)
    .limit(1)
    .correlate(UNIT)
    .scalar_subquery()
)


def _of_noun(patterns: FromClause) -> ColumnElement[bool]:
    return patterns.c.noun == bindparam("noun", type_=Text())


PATTERN_OF_UNIT = and_(
    PATTERNS.c.tenant_id == TENANT, PATTERNS.c.id == nearest(PATTERNS, UNIT.c.id, _of_noun)
)
OF_UNITS = (
    select(UNIT.c.id, UNIT.c.code, ZONE.label("zone"), PATTERNS.c.pattern, PATTERNS.c.restarts)
    .select_from(UNIT.outerjoin(PATTERNS, PATTERN_OF_UNIT))
    .where(UNIT.c.tenant_id == TENANT, UNIT.c.id == bindparam("units", type_=ARRAY(Uuid())).any_())
)


class NumberPatternRepository(Repository[NumberPattern, NumberPatternRead]):
    model = NumberPattern
    noun = NUMBER_PATTERN
    read = NumberPatternRead

    async def of_units(self, noun: str, units: Collection[UUID]) -> dict[UUID, OfUnit]:
        """By those units that are there."""
        found = await self.ctx.work.rows(OF_UNITS, {"noun": noun, "units": list(units)})
        return {row.id: OfUnit(row.code, row.zone, _numbering(row)) for row in found}

    async def take(
        self, noun: str, counts: Mapping[Counter, int], days: Mapping[Counter, date]
    ) -> dict[Counter, int]:
        """So many numbers of each counter, which nobody else takes from until the commit: those
        that follow the one which is answered. All take from counters in the same order."""
        asked = {
            "noun": noun,
            "forms": [counter.form for counter in counts],
            "begins": [counter.begins_on for counter in counts],
            "ends": [counter.ends_on for counter in counts],
            "days": [days[counter] for counter in counts],
            "counts": list(counts.values()),
        }
        found = await self.ctx.work.rows(TAKE, asked)
        before = {(row.form, row.begins_on): row.before for row in found}
        return {counter: before[counter.form, counter.begins_on] for counter in counts}

    async def given(self, noun: str, numbers: Mapping[UUID, Sequence[str]]) -> set[str]:
        """Those of these numbers that documents of these units have already."""
        pairs = [(unit, number) for unit, those in numbers.items() for number in those]
        asked = {"units": [unit for unit, _ in pairs], "numbers": [number for _, number in pairs]}
        found = await self.ctx.work.rows(having(table_of(declared[noun].model)), asked)
        return {row.number for row in found}


def _numbering(row: Row[Any]) -> Numbering | None:
    return Numbering(row.pattern, row.restarts) if row.pattern else None
