"""Numbers that documents were given by those who wrote them, in place of the next ones."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Table, Text, Uuid, bindparam, func, select

from crm_api.kit.context import Context
from crm_api.kit.db import table_of
from crm_api.kit.resource import declared
from crm_api.kit.statement import TENANT


async def given(ctx: Context, noun: str, numbers: Mapping[UUID, Sequence[str]]) -> set[str]:
    """Those of these numbers that documents of these units have already."""
    pairs = [(unit, number) for unit, those in numbers.items() for number in those]
    asked = {"units": [unit for unit, _ in pairs], "numbers": [number for _, number in pairs]}
    found = await ctx.work.rows(having(table_of(declared[noun].model)), asked)
    return {row.number for row in found}


@lru_cache
def having(table: Table) -> Select[Any]:
    """The numbers of documents that have one of these in one of these units."""
    asked = func.unnest(
        bindparam("units", type_=ARRAY(Uuid())), bindparam("numbers", type_=ARRAY(Text()))
    )
    sent = asked.table_valued("unit", "number", name="sent").render_derived()
    same = (table.c.number == sent.c.number, table.c.business_unit_id == sent.c.unit)
    return select(table.c.number).where(table.c.tenant_id == TENANT, *same)
