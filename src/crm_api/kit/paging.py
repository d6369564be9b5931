"""One page of a collection, in one statement: keyset, never offset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
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
from .filters import Filter, Form, Listed
from .pages import COUNTED
from .query import ListQuery, conditions, filters, source
from .schema import Read
from .statement import Statement, in_tenant, quoted

LIMIT = bindparam("limit", type_=BigInteger())
WANTED = LIMIT + literal_column("1")
BY_AGE = (("created_at",), ("-created_at",))
Used = tuple[tuple[str, Form], ...]
Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A column of the order, and the cursor's value of it."""

    column: ColumnElement[Any]
    down: bool
    number: int

    @property
    def order(self) -> ColumnElement[Any]:
        return self.column.desc() if self.down else self.column.asc()

    @property
    def last(self) -> ColumnElement[Any]:
        """As the text that PostgreSQL wrote."""
        return cast(bindparam(f"after_{self.number}", type_=Text()), self.column.type)

    @property
    def beyond(self) -> ColumnElement[bool]:
        return self.column < self.last if self.down else self.column > self.last


@lru_cache(maxsize=1024)
def page(
    read: type[Read], query: type[ListQuery], used: Used, sort: Keys, later: bool
) -> Statement:
    """`[items, how many, sort keys of the last..., its id]`, as UTF-8 that is sent as it is; one
    row more is read than asked."""
    table = source(table_of(read.table), query, dict(used))
    keys = (*sort, "-id" if sort[0].startswith("-") else "id")
    chosen, places = _chosen(table, query, dict(used), keys)
    if later:
        chosen = chosen.where(_beyond(places))
    order = [place.order for place in places]
    rows = chosen.add_columns(func.row_number().over(order_by=order).label("n")).order_by(*order)
    return in_tenant(answer(read, rows.limit(WANTED).subquery("page"), keys))


@lru_cache(maxsize=1024)
def total(read: type[Read], query: type[ListQuery], used: Used) -> Statement:
    """How many there are, counted up to one more than is told."""
    table = source(table_of(read.table), query, dict(used))
    found = select(table.c.id).where(*conditions(table, query, dict(used)))
    some = found.limit(literal_column(str(COUNTED + 1))).subquery("some")
    return in_tenant(select(func.count()).select_from(some).scalar_subquery())


def _chosen(
    table: FromClause, query: type[ListQuery], used: dict[str, Form], keys: Keys
) -> tuple[Select[Any], Sequence[Place]]:
    """The newest of what a look-up table lists are read in its order: ids are made in the order
    of their times, and so nothing else that the value lists is looked at.
    """
    places = [Place(table.c[_name(key)], key.startswith("-"), n) for n, key in enumerate(keys)]
    chosen = select(table)
    if keys[:-1] in BY_AGE and (ids := _listed(query, used)) is not None:
        chosen = chosen.join_from(ids, table, ids.c[0] == table.c.id)
        places = [replace(places[-1], column=ids.c[0])]
    return chosen.where(*conditions(table, query, used)), places


def _listed(query: type[ListQuery], used: dict[str, Form]) -> FromClause | None:
    """The ids that a filter lists. Of a plain one they are all that it asks for."""
    for name, form in used.items():
        mark = filters(query)[name]
        if isinstance(mark, Filter) and (ids := mark.lists(name, form)) is not None:
            if isinstance(mark, Listed):
                del used[name]
            return ids.subquery("listed")
    return None


def answer(read: type[Read], rows: Any, keys: Keys) -> Any:
    item = select(*columns(read, rows.c, masks=True)).correlate(rows).lateral("item")
    body = cast(func.row_to_json(item.table_valued()), Text)
    last = rows.c.n == LIMIT
    places = [func.max(cast(rows.c[_name(key)], Text)).filter(last) for key in keys]
    items = func.string_agg(body, quoted(",")).filter(rows.c.n <= LIMIT)
    told = [items, cast(func.count(), Text), *places]
    whole = select(array([func.convert_to(text, quoted("UTF8")) for text in told]))
    return whole.select_from(rows.join(item, literal_column("true"))).scalar_subquery()


def _name(key: str) -> str:
    return key.removeprefix("-")


def _beyond(places: Sequence[Place]) -> ColumnElement[bool]:
    """Rows after the cursor's."""
    if len({place.down for place in places}) == 1:
        row, last = tuple_(*(p.column for p in places)), tuple_(*(p.last for p in places))
        return row < last if places[0].down else row > last
    steps = [
        and_(*(before.column == before.last for before in places[:n]), place.beyond)
        for n, place in enumerate(places)
    ]
    return or_(*steps)


def after(position: list[str]) -> Mapping[str, str]:
    """A cursor's position as the arguments of `page`."""
    return {f"after_{n}": value for n, value in enumerate(position)}
