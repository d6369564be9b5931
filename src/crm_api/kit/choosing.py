"""The rows of one page, in their order: found the way that is short."""

from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    func,
    or_,
    select,
    union_all,
)

from .filters import Filter, Finder, Form, Listed
from .matching import Matching
from .merging import FEW, few_seen, merged, others
from .places import WANTED, Keys, Places, beyond, places_of
from .query import ListQuery, conditions, marks
from .statement import TENANT, number

NEAR = 500
"""So many rows are looked at first."""
BY_AGE = (("created_at",), ("-created_at",))
Used = dict[str, Form]
Way = tuple[Select[Any], Places]
"""Rows, and the order in which they are read."""


def rows_of(
    table: FromClause, query: type[ListQuery], used: Used, keys: Keys, later: bool
) -> Subquery:
    """The rows of a page and one more, each with its number `n`; `later` ones after a cursor's."""
    ways = _ways(table, query, used, keys, later)
    if later:
        ways = [(rows.where(beyond(places)), places) for rows, places in ways]
    if len(ways) == 1:
        ((rows, places),) = ways
        order = [place.order for place in places]
        return _numbered(rows, order).order_by(*order).limit(WANTED).subquery("page")
    read = [rows.order_by(*(p.order for p in places)).limit(WANTED) for rows, places in ways]
    both = union_all(*read).subquery("both")
    return _numbered(select(both), [p.order for p in places_of(both, keys)]).subquery("page")


def _ways(
    table: FromClause, query: type[ListQuery], used: Used, keys: Keys, later: bool
) -> list[Way]:
    """Where there are two, only one finds any rows.

    The newest of what a look-up table lists are read in its order: ids are made in the order of
    their times, and so nothing else that the value lists is looked at.
    """
    by_age = keys[:-1] in BY_AGE
    if by_age and (ids := _listed(query, used)) is not None:
        return [_found(ids.subquery("listed"), table, _walked(table, query, used, keys))]
    if by_age and (spanned := _spanned(query, used)):
        ids, given, row_by_row = spanned
        walked = _walked(table, query, row_by_row, keys)
        near = _near(table, query, row_by_row, keys)
        return _few_or_many(ids, near, table, _walked(table, query, given, keys), walked)
    if by_age and (ids := merged(table, query, used, keys, later)) is not None:
        return _near_or_seen(ids, _near(table, query, used, keys), table, query, used, keys)
    if few := few_seen(table, query, used):
        rows, many = few
        every, places = _walked(table, query, used, keys)
        return [_walked(rows, query, others(used), keys), (every.where(many), places)]
    return [_walked(table, query, used, keys)]


def _near_or_seen(
    ids: Select[Any],
    near: Select[Any],
    table: FromClause,
    query: type[ListQuery],
    used: Used,
    keys: Keys,
) -> list[Way]:
    """Who sees much of what is new finds a page among the newest; who sees little, by his own."""
    enough = select(near.cte("near_enough").c.enough).scalar_subquery()
    rows, places = _walked(table, query, used, keys)
    found = ids.where(~enough).subquery("seen")
    given = _walked(table, query, others(used), keys)
    return [_found(found, table, given), (rows.where(enough), places)]


def _walked(table: FromClause, query: type[ListQuery], used: Used, keys: Keys) -> Way:
    return select(table).where(*conditions(table, query, used)), places_of(table, keys)


def _found(ids: FromClause, table: FromClause, walked: Way) -> Way:
    """The same rows, in the order of these ids."""
    rows, places = walked
    found = rows.join_from(ids, table, ids.c[0] == table.c.id)
    return found, [replace(places[-1], column=ids.c[0])]


def _near(table: FromClause, query: type[ListQuery], used: Used, keys: Keys) -> Select[Any]:
    """Whether the first rows of the tenant are enough to fill a page."""
    mine = select(table).where(table.c.tenant_id == TENANT)
    first = mine.order_by(*(place.order for place in places_of(table, keys)))
    near = first.limit(number(NEAR)).subquery("near")
    found = select(near.c.id).where(*conditions(near, query, used)).limit(WANTED).subquery("found")
    return select((func.count() == WANTED).label("enough")).select_from(found)


def _few_or_many(
    ids: Select[Any], near: Select[Any], table: FromClause, given: Way, row_by_row: Way
) -> list[Way]:
    """Few ids are sorted, and their rows read until the page is full; of many the newest rows are
    walked, until enough are among them. Only one way is gone: statistics would not tell which, as
    they take fields and their values to be independent.
    """
    enough = select(near.cte("near_enough").c.enough).scalar_subquery()
    few = ids.where(~enough).limit(number(FEW + 1)).cte("few")
    count = select(or_(enough, func.count() > number(FEW)).label("many")).select_from(few)
    many = select(count.cte("size").c.many).scalar_subquery()
    rows, places = row_by_row
    newest = replace(places[-1], column=few.c[0]).order
    listed = select(few.c[0]).where(~many).order_by(newest).subquery("listed")
    return [_found(listed, table, given), (rows.where(many), places)]


def _listed(query: type[ListQuery], used: Used) -> Select[Any] | None:
    """The ids that a filter lists. Of a plain one they are all that it asks for."""
    for name, form in used.items():
        mark = marks(query)[name]
        if isinstance(mark, Filter) and (ids := mark.lists(name, form)) is not None:
            if isinstance(mark, Listed):
                del used[name]
            return ids
    return None


def _spanned(query: type[ListQuery], used: Used) -> tuple[Select[Any], Used, Used] | None:
    """The ids within the bounds of a filter, and what is left to ask of their rows, or of all."""
    known = {name: marks(query)[name] for name in used}
    if any(isinstance(mark, Finder) for mark in known.values()):
        return None
    for name, mark in known.items():
        if isinstance(mark, Matching) and (found := mark.spanned(name, used[name])):
            return found.ids, {**used, name: found.given}, {**used, name: found.row_by_row}
    return None


def _numbered(rows: Select[Any], order: list[ColumnElement[Any]]) -> Select[Any]:
    return rows.add_columns(func.row_number().over(order_by=order).label("n"))
