"""One page of a collection, in one statement: keyset, never offset."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Text, cast, func, literal_column, select, union_all
from sqlalchemy.dialects.postgresql import array

from .choosing import rows_of
from .columns import columns
from .db import table_of
from .filters import Form
from .merging import few_seen, others
from .pages import COUNTED
from .places import LIMIT, Keys, named, with_id
from .query import ListQuery, conditions, source
from .ruled import NO_MASKS, Masks
from .schema import Read
from .statement import Statement, in_tenant, number, quoted

Used = tuple[tuple[str, Form], ...]


@lru_cache(maxsize=1024)
def page(
    read: type[Read],
    query: type[ListQuery],
    used: Used,
    sort: Keys,
    later: bool,
    masks: Masks = NO_MASKS,
) -> Statement:
    """`[items, how many, sort keys of the last..., its id]`, as UTF-8 that is sent as it is; one
    row more is read than asked."""
    table = source(table_of(read.table), query, dict(used))
    keys = with_id(sort)
    return in_tenant(answer(read, rows_of(table, query, dict(used), keys, later), keys, masks))


@lru_cache(maxsize=1024)
def total(read: type[Read], query: type[ListQuery], used: Used) -> Statement:
    """How many there are, counted up to one more than is told."""
    table, asked = source(table_of(read.table), query, dict(used)), dict(used)
    found = select(table.c.id).where(*conditions(table, query, asked))
    if few := few_seen(table, query, asked):
        rows, many = few
        given = select(rows.c.id).where(*conditions(rows, query, others(asked)))
        found = select(union_all(given, found.where(many)).subquery("either"))
    some = found.limit(number(COUNTED + 1)).subquery("some")
    return in_tenant(select(func.count()).select_from(some).scalar_subquery())


def answer(read: type[Read], rows: Any, keys: Keys, masks: Masks) -> Any:
    item = select(*columns(read, rows.c, masks)).correlate(rows).lateral("item")
    body = cast(func.row_to_json(item.table_valued()), Text)
    last = rows.c.n == LIMIT
    places = [func.max(cast(rows.c[named(key)], Text)).filter(last) for key in keys]
    items = func.string_agg(body, quoted(",")).filter(rows.c.n <= LIMIT)
    told = [items, cast(func.count(), Text), *places]
    whole = select(array([func.convert_to(text, quoted("UTF8")) for text in told]))
    return whole.select_from(rows.join(item, literal_column("true"))).scalar_subquery()


def after(position: list[str]) -> Mapping[str, str]:
    """A cursor's position as the arguments of `page`."""
    return {f"after_{n}": value for n, value in enumerate(position)}
