"""The columns of an order, and a cursor's values of them: keyset, never offset."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Text,
    and_,
    bindparam,
    cast,
    or_,
    tuple_,
)

from .statement import number

Keys = tuple[str, ...]
LIMIT = bindparam("limit", type_=BigInteger())
WANTED = LIMIT + number(1)


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


Places = Sequence[Place]


def places_of(table: FromClause, keys: Keys) -> Places:
    return [Place(table.c[named(key)], key.startswith("-"), n) for n, key in enumerate(keys)]


def with_id(sort: Keys) -> Keys:
    """No two records are in one place."""
    return (*sort, "-id" if sort[0].startswith("-") else "id")


def named(key: str) -> str:
    return key.removeprefix("-")


def beyond(places: Places) -> ColumnElement[bool]:
    """Rows after the cursor's."""
    if len({place.down for place in places}) == 1:
        row, last = tuple_(*(p.column for p in places)), tuple_(*(p.last for p in places))
        return row < last if places[0].down else row > last
    steps = [
        and_(*(before.column == before.last for before in places[:n]), place.beyond)
        for n, place in enumerate(places)
    ]
    return or_(*steps)
