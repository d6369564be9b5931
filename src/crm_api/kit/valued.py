"""One page in the order of a field's values, as a look-up table has them; empty ones last."""

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    tuple_,
    union_all,
)

from .criteria import Criterion
from .db import table_of
from .paging import Used, answer
from .places import WANTED
from .query import ListQuery, conditions, source
from .ruled import NO_MASKS, Masks
from .schema import Read
from .statement import Statement, in_tenant, quoted

PLACE = ("empty", "kept", "id")
"""Whether there is no value (`0` or `1`), the value as it is kept, the id."""
EMPTY, KEPT = (bindparam(f"after_{n}", type_=Text()) for n in (0, 1))
ID = cast(bindparam("after_2", type_=Text()), Uuid())


@lru_cache(maxsize=256)
def page_by_value(
    read: type[Read],
    query: type[ListQuery],
    used: Used,
    by: Criterion,
    turns: tuple[bool, bool],
    masks: Masks = NO_MASKS,
) -> Statement:
    """As `kit.paging.page`; `turns` tells whether it goes down, and follows another page.

    Rows without a value are only looked for where the others end.
    """
    (down, later), table = turns, source(table_of(read.table), query, dict(used))
    chosen = select(table).where(*conditions(table, query, dict(used)))
    valued = by.valued("sort").subquery("valued")
    first = _with_value(chosen, table, valued, down, later).cte("first")
    left = WANTED - select(func.count()).select_from(first).scalar_subquery()
    both = union_all(select(first), _without(chosen, table, valued, down, later).limit(left))
    rows = both.subquery("both")
    order = [rows.c.empty, *(_turned(rows.c[name], down) for name in PLACE[1:])]
    numbered = select(rows, func.row_number().over(order_by=order).label("n"))
    return in_tenant(answer(read, numbered.subquery("page"), PLACE, masks))


def _with_value(
    chosen: Select[Any], table: FromClause, valued: Subquery, down: bool, later: bool
) -> Select[Any]:
    id, value = valued.c
    found = chosen.add_columns(quoted("0").label("empty"), value.label("kept"))
    found = found.join_from(valued, table, id == table.c.id)
    if later:
        place, last = tuple_(value, id), tuple_(KEPT, ID)
        found = found.where(and_(quoted("0") == EMPTY, place < last if down else place > last))
    return found.order_by(_turned(value, down), _turned(id, down)).limit(WANTED)


def _without(
    chosen: Select[Any], table: FromClause, valued: Subquery, down: bool, later: bool
) -> Select[Any]:
    has = select(valued.c[0]).where(valued.c[0] == table.c.id).correlate(table).exists()
    found = chosen.add_columns(quoted("1").label("empty"), quoted("").label("kept")).where(~has)
    if later:
        beyond = table.c.id < ID if down else table.c.id > ID
        found = found.where(or_(quoted("0") == EMPTY, beyond))
    return found.order_by(_turned(table.c.id, down))


def _turned(column: ColumnElement[Any], down: bool) -> ColumnElement[Any]:
    return column.desc() if down else column.asc()
