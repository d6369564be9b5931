"""Overviews: some of the records that name one record, noun by noun, for one statement to tell of.

A noun says in its `resource.py` which of its records are shown; the schema of a part says what is
told of them: `data`, the documents; `count`, how many there are; or, where to count them all would
cost too much, `has_more`; and sums.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, get_args

from pydantic import BaseModel
from sqlalchemy import CTE, ColumnElement, Text, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from .columns import mark
from .db import table_of
from .filters import OneOf
from .money import MoneyIn
from .places import Keys, places_of, with_id
from .projection import ID, body_of
from .resource import Resource
from .ruled import NO_MASKS, Masks, hidden
from .schema import Read
from .sight import Seen, visible
from .statement import TENANT, number, quoted

Json = ColumnElement[str]
NOTHING, SEPARATOR = quoted("null"), quoted(",")


@dataclass(frozen=True, slots=True)
class Shown:
    """The records of a noun whose column `by` names the record that an overview is of, and that
    have one of these values in each column of `where`, and one to be sorted by; the first `most`
    of them are shown.

    `sums` are amounts of them all, by currency: a field of their documents that is money, under
    the name of the member that tells it.
    """

    noun: Resource
    by: str
    sort: Keys
    most: int
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sums: Mapping[str, str] = field(default_factory=dict)


shown: dict[str, Shown] = {}
"""By the member of the overview that holds them."""


def document(members: Mapping[str, Json]) -> Json:
    """The text of a JSON object, of members that are JSON as text."""
    named = [quoted(f'"{name}":').concat(value) for name, value in members.items()]
    joined = reduce(lambda before, one: before.concat(SEPARATOR).concat(one), named)
    return quoted("{").concat(joined).concat(quoted("}"))


def part(name: str, shape: type[BaseModel], seen: Seen | None, masks: Masks = NO_MASKS) -> Json:
    """What an overview tells, as a `shape`, of the records that `name` shows and the caller sees.

    They are gone through once, by the index of those that name the record; where they are not
    counted, in the order of that index, and no further than is shown.
    """
    of, read = shown[name], read_of(shape)
    mine = _mine(name, read, seen, counted="count" in shape.model_fields)
    many = select(cast(func.count(), Text)).select_from(mine)
    more = select(cast(func.count() > number(of.most), Text)).select_from(mine)
    data = _documents(mine, of.most, read, masks)
    told: dict[str, Json] = {"data": data}
    told |= {"count": many.scalar_subquery(), "has_more": more.scalar_subquery()}
    for member, summed in of.sums.items():
        told[member] = NOTHING if summed in hidden(read, masks) else _sum(mine, money(read, summed))
    return document({member: told[member] for member in shape.model_fields})


def read_of(shape: type[BaseModel]) -> type[Read]:
    """What the documents of a part are."""
    read: type[Read] = get_args(shape.model_fields["data"].annotation)[0]
    return read


def money(read: type[Read], name: str) -> MoneyIn:
    """In which columns a field has its number and its currency."""
    found: MoneyIn = mark(read.model_fields[name], MoneyIn)
    return found


def _mine(name: str, read: type[Read], seen: Seen | None, *, counted: bool) -> CTE:
    """The records by their ids, each with its place in the order, and its amounts."""
    of = shown[name]
    table = table_of(of.noun.model)
    places = places_of(table, with_id(of.sort))
    order = [place.order for place in places]
    sums = (money(read, summed) for summed in of.sums.values())
    amounts = dict.fromkeys(column for one in sums for column in (one.amount, one.currency))
    place = func.row_number().over(order_by=order).label("place")
    asked = [OneOf(column).condition(table, column, values) for column, values in of.where.items()]
    asked += [place.column.is_not(None) for place in places]
    found = select(table.c.id, place, *(table.c[column] for column in amounts))
    found = found.where(*visible(table, seen), table.c[of.by] == ID, *asked)
    if not counted:
        found = found.order_by(*order).limit(number(of.most + 1))
    return found.cte(f"shown_{name}")


def _documents(mine: CTE, most: int, read: type[Read], masks: Masks) -> Json:
    """Of the first ones, as a GET shows them."""
    row = table_of(read.table).alias()
    body, source = body_of(read, row, masks)
    one = select(body).select_from(source).where(row.c.tenant_id == TENANT, row.c.id == mine.c.id)
    item = one.correlate(mine).scalar_subquery()
    items = func.string_agg(item, aggregate_order_by(SEPARATOR, mine.c.place))
    return _listed(select(items).where(mine.c.place <= number(most)).scalar_subquery())


def _sum(mine: CTE, of: MoneyIn) -> Json:
    """One amount for each currency."""
    amount, currency = mine.c[of.amount], mine.c[of.currency]
    each = select(currency, func.sum(amount).label(of.amount)).where(amount.is_not(None))
    sums = each.group_by(currency).subquery()
    item = cast(of.written(sums.c), Text)
    items = func.string_agg(item, aggregate_order_by(SEPARATOR, sums.c[of.currency]))
    return _listed(select(items).scalar_subquery())


def _listed(items: Any) -> Json:
    return quoted("[").concat(func.coalesce(items, quoted(""))).concat(quoted("]"))
