"""One page of a collection, in one statement: keyset, never offset."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import array

from .columns import columns
from .db import table_of
from .query import ListQuery, conditions, source
from .schema import Read
from .statement import TENANT, Statement, in_tenant, quoted

LIMIT = bindparam("limit", type_=BigInteger())
Used = tuple[tuple[str, bool], ...]
Keys = tuple[str, ...]


@lru_cache(maxsize=1024)
def page(
    read: type[Read], query: type[ListQuery], used: Used, sort: Keys, later: bool
) -> Statement:
    """`[items, how many, sort keys of the last..., its id]`, as UTF-8 that is sent as it is; one
    row more is read than asked."""
    table = source(table_of(read.table), query, dict(used))
    keys = (*sort, "-id" if sort[0].startswith("-") else "id")
    order = [_order(table, key) for key in keys]
    place = func.row_number().over(order_by=order).label("n")
    chosen = select(table, place).where(table.c.tenant_id == TENANT)
    chosen = chosen.where(*conditions(table, query, dict(used)))
    if later:
        chosen = chosen.where(_beyond(table, keys))
    rows = chosen.order_by(*order)
    return in_tenant(_answer(read, rows.limit(LIMIT + literal_column("1")).subquery("page"), keys))


def _answer(read: type[Read], rows: Any, keys: Keys) -> Any:
    item = select(*columns(read, rows.c, masks=True)).correlate(rows).lateral("item")
    body = cast(func.row_to_json(item.table_valued()), Text)
    last = rows.c.n == LIMIT
    places = [func.max(cast(rows.c[_name(key)], Text)).filter(last) for key in keys]
    items = func.string_agg(body, quoted(",")).filter(rows.c.n <= LIMIT)
    told = [items, cast(func.count(), Text), *places]
    answer = select(array([func.convert_to(text, quoted("UTF8")) for text in told]))
    return answer.select_from(rows.join(item, literal_column("true"))).scalar_subquery()


def _name(key: str) -> str:
    return key.removeprefix("-")


def _order(table: FromClause, key: str) -> ColumnElement[Any]:
    column = table.c[_name(key)]
    return column.desc() if key.startswith("-") else column.asc()


def _beyond(table: FromClause, keys: Keys) -> ColumnElement[bool]:
    """Rows after the cursor's, whose values arrive as the text that PostgreSQL wrote."""
    places = [table.c[_name(key)] for key in keys]
    after = [
        cast(bindparam(f"after_{n}", type_=Text()), column.type) for n, column in enumerate(places)
    ]
    down = [key.startswith("-") for key in keys]
    if len(set(down)) == 1:
        place, last = tuple_(*places), tuple_(*after)
        return place < last if down[0] else place > last
    steps = [
        and_(
            *(p == a for p, a in zip(places[:n], after[:n], strict=True)),
            places[n] < after[n] if down[n] else places[n] > after[n],
        )
        for n in range(len(places))
    ]
    return or_(*steps)


def after(position: list[str]) -> Mapping[str, str]:
    """A cursor's position as the arguments of `page`."""
    return {f"after_{n}": value for n, value in enumerate(position)}
