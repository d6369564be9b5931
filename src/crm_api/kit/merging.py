"""Ways to what a caller sees that do not look at what others see.

Each viewer's rows stand in the order of the records' ids in the table of viewers, and so in the
order of creation: of the newest a page's worth of each is enough, and the rest is merged.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    Uuid,
    column,
    func,
    select,
    true,
)

from .filters import Finder, Form, OneOf
from .places import WANTED, Keys, Place, places_of
from .query import ListQuery, conditions, marks
from .reach import ByViewers, Conditions
from .sight import Narrowed, Seen
from .statement import TENANT, number

Used = dict[str, Form]
FEW = 5_000
"""So many ids are sorted; what has more is not far apart."""


def merged(
    table: FromClause, query: type[ListQuery], used: Used, keys: Keys, later: bool
) -> Select[Any] | None:
    """The ids of a page of what the caller sees, in the order of its last key; `later` ones after a
    cursor's. Null where no table lists them, or an index would serve better what else is asked."""
    seen, plain = _by_viewers(used), (isinstance(marks(query)[n], OneOf | Narrowed) for n in used)
    if seen is None or not all(plain):
        return None
    asked, place = conditions(table, query, others(used)), places_of(table, keys)[-1]
    return _merged(*seen, table, asked, place, later)


def few_seen(
    table: FromClause, query: type[ListQuery], used: Used
) -> tuple[FromClause, ColumnElement[bool]] | None:
    """The rows that the caller sees where they are few, found one by one, by their ids; and whether
    they are many. LIMIT keeps the plan from walking an index of the tenant instead. Null where
    others are found already."""
    seen, found = _by_viewers(used), (isinstance(marks(query)[n], Finder) for n in used)
    if seen is None or any(found):
        return None
    few = _few_ids(*seen)
    size = select((func.count() > number(FEW)).label("many")).select_from(few).cte("size_seen")
    many = select(size.c.many).scalar_subquery()
    ids = select(few.c.id).where(~many).distinct().subquery("ids_seen")
    row = select(table).where(table.c.tenant_id == TENANT, table.c.id == ids.c.id)
    one = row.correlate(ids).limit(number(1)).lateral("one_seen")
    return select(one).select_from(ids.join(one, true())).subquery("rows_seen"), many


def _few_ids(sight: ByViewers, form: Form) -> CTE:
    """One more than few, where there are so many."""
    who = _each(sight, form)
    id, mine = sight.rows_of(who.c.id, form)
    of_one = select(id.label("id")).where(*mine).order_by(id).limit(number(FEW + 1))
    each = of_one.correlate(who).lateral("each_seen")
    found = select(each.c.id).select_from(who.join(each, true()))
    return found.limit(number(FEW + 1)).cte("few_seen")


def _each(sight: ByViewers, form: Form) -> FromClause:
    """The viewers one by one: each one's rows are read in the order of an index, and no more of
    them than are wanted."""
    viewers = func.unnest(sight.reached(form)).table_valued(column("id", Uuid()), name="who")
    return viewers.render_derived()


def others(used: Used) -> Used:
    """The filters beside what the caller sees."""
    return {name: form for name, form in used.items() if name != "seen"}


def _by_viewers(used: Used) -> tuple[ByViewers, Form] | None:
    seen = used.get("seen")
    if isinstance(seen, Seen) and isinstance(seen.sight, ByViewers):
        return seen.sight, seen.form
    return None


def _merged(
    sight: ByViewers, form: Form, table: FromClause, asked: Conditions, place: Place, later: bool
) -> Select[Any]:
    who = _each(sight, form)
    id, mine = sight.rows_of(who.c.id, form)
    own = replace(place, column=id)
    of_one = select(id.label("id")).distinct().where(*mine, table.c.id == id, *asked)
    if later:
        of_one = of_one.where(own.beyond)
    each = of_one.order_by(own.order).limit(WANTED).correlate(who).lateral("each")
    found = select(each.c.id).select_from(who.join(each, true())).distinct()
    return found.order_by(replace(place, column=each.c.id).order).limit(WANTED)
