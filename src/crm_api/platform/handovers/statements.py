"""SQL over what belongs to users, for whatever noun."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Table,
    Uuid,
    bindparam,
    case,
    func,
    literal_column,
    null,
    select,
    tuple_,
)

from crm_api.kit.sight import Seen, visible
from crm_api.kit.statement import TENANT, number, quoted
from crm_api.platform.business_units.criteria import LINES
from crm_api.platform.users.belongings import Belongings, Shared, Sole

USER = bindparam("user", type_=Uuid())
AFTER = bindparam("after", type_=Uuid())
IDS = bindparam("ids", type_=ARRAY(Uuid()))
BEGINNING: ColumnElement[Any] = literal_column("'-infinity'::timestamptz")
ABOVE = select(LINES.c.unit_id, LINES.c.ancestor_id).where(
    LINES.c.tenant_id == TENANT, LINES.c.unit_id == IDS.any_()
)
"""These units and those above them, today."""


def counted(of: Belongings, role: Sole | Shared, seen: Seen | None) -> Select[Any]:
    """In how many records a user has a role: by unit, by whether they are changed at all, and
    apart those that are themselves among `ids`."""
    table = of.table
    unit = null() if of.unit is None else of.unit
    itself = case((table.c.id == IDS.any_(), table.c.id))
    said = [unit.label("unit"), itself.label("itself"), _is_live(of).label("live")]
    found = select(*said).where(*visible(table, seen), _has(role, of)).subquery("found")
    return select(*found.c, func.count().label("records")).group_by(*found.c)


def next_ids(of: Belongings, role: Sole | Shared, seen: Seen | None, most: int) -> Select[Any]:
    """Of the records in which a user has a role, in the order of the index that finds them."""
    found = _listed(role) if isinstance(role, Shared) else _owned(of.table, role, seen)
    return found.limit(number(most))


def _owned(table: Table, role: Sole, seen: Seen | None) -> Select[Any]:
    last = select(func.coalesce(func.max(table.c.created_at), BEGINNING))
    reached = last.where(table.c.tenant_id == TENANT, table.c.id == AFTER).scalar_subquery()
    place = (table.c.created_at, table.c.id)
    mine = select(table.c.id).where(*visible(table, seen), role.column == USER)
    return mine.where(tuple_(*place) > tuple_(reached, AFTER)).order_by(*place)


def _listed(role: Shared) -> Select[Any]:
    pairs, id = role.found.table.c, role.found
    mine = select(id.label("id")).where(pairs.tenant_id == TENANT, pairs.user_id == USER)
    return mine.where(id > AFTER).order_by(id)


def live(of: Belongings) -> Select[Any]:
    """Which of `ids` are changed, and not only read."""
    table = of.table
    mine = (table.c.tenant_id == TENANT, table.c.id == IDS.any_())
    return select(table.c.id).where(*mine, _is_live(of))


def held(of: Belongings, column: "ColumnElement[Any]") -> Select[Any]:
    """What the records of `ids` are of, by their `column`, stays as it is until the commit."""
    parent, table = of.state.table, of.table
    theirs = select(column).where(table.c.tenant_id == TENANT, table.c.id == IDS.any_())
    mine = (parent.c.tenant_id == TENANT, parent.c.id.in_(theirs))
    return select(parent.c.id).where(*mine).order_by(parent.c.id).with_for_update(read=True)


def _has(role: Sole | Shared, of: Belongings) -> ColumnElement[bool]:
    if isinstance(role, Sole):
        return role.column == USER
    pairs = role.found.table.c
    found = select(role.found).where(pairs.tenant_id == TENANT, pairs.user_id == USER)
    return of.table.c.id.in_(found)


def _is_live(of: Belongings) -> ColumnElement[bool]:
    state: ColumnElement[bool] = of.state.in_([quoted(value) for value in of.live])
    if of.of is None:
        return state
    parent = of.state.table.c
    whole = select(parent.id).where(parent.tenant_id == TENANT, parent.id == of.of, state)
    return whole.correlate(of.table).exists()
