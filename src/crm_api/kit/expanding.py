"""`expand`: the records that ids mean, put beside the ids, by a second statement."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, get_args
from uuid import UUID

from pydantic.fields import FieldInfo
from sqlalchemy import (
    JSON,
    ColumnElement,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from .columns import Expanded, mark, prefix
from .context import Context
from .db import table_of
from .projection import body_of
from .resource import declared
from .ruled import NO_MASKS, Masks
from .schema import Read
from .scopes import require
from .several_beside import ExpandedAll, all_beside
from .sight import Seen, seen_by, visible
from .statement import Statement, in_tenant, number, quoted

ITEMS = cast(bindparam("items", type_=Text()), JSON)
Names = tuple[str, ...]
Sights = tuple[tuple[type[Read], Seen], ...]
View = tuple[Mapping[type[Read], Seen], Masks]
"""Which records somebody sees, and what his roles hide of them."""


def beside(ctx: Context, read: type[Read], names: Sequence[str]) -> Names:
    """Each name once. Raises Forbidden to those who may not read what they mean."""
    for name in dict.fromkeys(name.partition(".")[0] for name in names):
        shown = target_of(read.model_fields[name]).table
        require(ctx, next(one.scope for one in declared.values() if one.model is shown))
    return tuple(dict.fromkeys(names))


def seen_beside(ctx: Context, read: type[Read], names: Names) -> Sights:
    """What the caller sees of the records that names mean, where that is not all."""
    found: dict[type[Read], Seen | None] = {}
    for name in names:
        shown = read
        for step in name.split("."):
            shown = target_of(shown.model_fields[step])
            found[shown] = seen_by(ctx.actor, shown.table)
    return tuple((shown, seen) for shown, seen in found.items() if seen)


@lru_cache(maxsize=256)
def expansion(
    read: type[Read], names: Names, sights: Sights = (), masks: Masks = NO_MASKS
) -> Statement:
    """The documents of the JSON array `items`, in their order, each with what `names` add.

    A name such as `parent.parent` goes on from the record that it has added. An id that means
    nobody whom the caller may see gives null. What was written before is passed on as it is.
    """
    asked = func.json_array_elements(ITEMS).table_valued("item", with_ordinality="place")
    asked = asked.render_derived("asked")
    item = cast(asked.c.item, Text)
    joined = aggregate_order_by(quoted(","), asked.c.place)
    items = func.string_agg(_with(item, read, names, (dict(sights), masks)), joined)
    return in_tenant(select(items).select_from(asked).scalar_subquery())


def _with(
    body: ColumnElement[str], read: type[Read], names: Names, view: View
) -> ColumnElement[Any]:
    """The JSON text `body` of a `read`, with more members at its end."""
    more: ColumnElement[Any] = func.left(body, number(-1))
    for name, group in groupby(sorted(names), key=lambda dotted: dotted.partition(".")[0]):
        deeper = tuple(rest for dotted in group if (rest := dotted.partition(".")[2]))
        found = func.coalesce(_found(body, read, name, deeper, view), quoted("null"))
        more = more.concat(quoted(f',"{name}":')).concat(found)
    return more.concat(quoted("}"))


def _found(body: ColumnElement[str], read: type[Read], name: str, deeper: Names, view: View) -> Any:
    """The record that the id in `body` means."""
    field, (sights, masks) = read.model_fields[name], view
    told, target = mark(field, Expanded), target_of(field)
    id = _id(body, read, told.by)
    if isinstance(told, ExpandedAll):
        return all_beside(told, id, _id(body, read, "id"), target, sights.get(target), masks)
    row = table_of(target.table).alias()
    document, source = body_of(target, row, masks)
    chosen = select(document.label("body")).select_from(source)
    chosen = chosen.where(*visible(row, sights.get(target)), row.c.id == id).correlate_except(row)
    if not deeper:
        return chosen.scalar_subquery()
    inner = chosen.subquery()
    return select(_with(inner.c.body, target, deeper, view)).scalar_subquery()


def _id(body: ColumnElement[str], read: type[Read], name: str) -> ColumnElement[UUID]:
    """What a field of the JSON text `body` means."""
    wire = cast(body, JSON).op("->>")(quoted(name))
    begin = len(prefix(read.model_fields[name]).name) + 2
    return cast(func.substr(wire, number(begin)), Uuid)


def target_of(field: FieldInfo) -> type[Read]:
    """What an `Expanded` field holds, one or several."""
    held = (part for member in get_args(field.annotation) for part in (member, *get_args(member)))
    return next(m for m in held if isinstance(m, type) and issubclass(m, Read))
