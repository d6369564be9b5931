"""What the feed asks the database: numbered events after a place, each read by its id."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, array

from crm_api.kit.any_ids import WhereAnyId
from crm_api.kit.db import table_of
from crm_api.kit.journal import EVENTS
from crm_api.kit.paging import answer
from crm_api.kit.places import WANTED
from crm_api.kit.projection import body_of
from crm_api.kit.ruled import NO_MASKS, Masks
from crm_api.kit.sight import Seen, visible
from crm_api.kit.statement import TENANT, Statement, in_tenant, number

from .models import JournalEvent
from .schemas import EventRead

JOURNAL = table_of(JournalEvent)
TYPES = bindparam("types", type_=ARRAY(Text()))
AFTER = bindparam("after", type_=BigInteger())
OF_TYPES: ColumnElement[bool] = EVENTS.c.type == TYPES.any_()
Told = Seen | None
"""Of which records a caller is told; null for all."""
BY_OBJECT, NIL = WhereAnyId("object_id", "type"), UUID(int=0)
NUMBER = in_tenant(
    select(EVENTS.c.sequence)
    .where(EVENTS.c.tenant_id == TENANT, EVENTS.c.id == bindparam("id", type_=Uuid()))
    .scalar_subquery()
)
BEFORE = in_tenant(
    select(EVENTS.c.sequence)
    .where(
        EVENTS.c.tenant_id == TENANT,
        EVENTS.c.id < bindparam("before", type_=Uuid()),
        EVENTS.c.sequence.is_not(None),
    )
    .order_by(EVENTS.c.id.desc())
    .limit(number(1))
    .scalar_subquery()
)
NEWEST = in_tenant(
    select(func.max(EVENTS.c.sequence))
    .where(EVENTS.c.tenant_id == TENANT, EVENTS.c.sequence.is_not(None))
    .scalar_subquery()
)


@lru_cache
def by_ids(every: bool, seen: Told = None, masks: Masks = NO_MASKS) -> Statement:
    ids = bindparam("ids", type_=ARRAY(Uuid()))
    chosen = _kept(seen).where(EVENTS.c.sequence.is_not(None), EVENTS.c.id == ids.any_())
    return _listed(chosen if every else chosen.where(OF_TYPES), masks)


@lru_cache
def since(every: bool, seen: Told = None, masks: Masks = NO_MASKS) -> Statement:
    return _listed(_chosen(every, seen, of_one=False), masks)


@lru_cache
def page(every: bool, of_one: bool, seen: Told = None, masks: Masks = NO_MASKS) -> Statement:
    rows = _whole(_chosen(every, seen, of_one), n=True).subquery("page")
    return in_tenant(answer(EventRead, rows, ("id",), masks))


@lru_cache
def count(every: bool, of_one: bool, seen: Told = None) -> Statement:
    some = _chosen(every, seen, of_one).subquery("some")
    return in_tenant(select(func.count()).select_from(some).scalar_subquery())


def _listed(chosen: Select[Any], masks: Masks) -> Statement:
    """`[id, type, sequence, body]` of each."""
    rows = _whole(chosen).subquery("rows")
    body, source = body_of(EventRead, rows, masks)
    told = array([cast(rows.c.id, Text), rows.c.type, cast(rows.c.sequence, Text), body])
    listed = select(func.array_agg(aggregate_order_by(told, rows.c.sequence))).select_from(source)
    return in_tenant(listed.scalar_subquery())


def _chosen(every: bool, seen: Told, of_one: bool) -> Select[Any]:
    """`id, sequence` of the next events after a number."""
    if of_one:
        of_object = _next(seen).where(BY_OBJECT.condition(EVENTS, "object_id", None))
        return (of_object if every else of_object.where(OF_TYPES)).limit(WANTED)
    return _next(seen).limit(WANTED) if every else _next_of_types(seen)


def _next_of_types(seen: Told) -> Select[Any]:
    """The next of each type are read from an index, so that rare ones are found at once."""
    types = func.unnest(TYPES).table_valued(column("type", Text), name="wanted").render_derived()
    each = _next(seen).where(EVENTS.c.type == types.c.type).limit(WANTED).lateral("each")
    found = select(each).select_from(types.join(each, true()))
    return found.order_by(each.c.sequence).limit(WANTED)


def _next(seen: Told) -> Select[Any]:
    return _kept(seen).where(EVENTS.c.sequence > AFTER).order_by(EVENTS.c.sequence)


def _kept(seen: Told) -> Select[Any]:
    young = EVENTS.c.id >= bindparam("oldest", type_=Uuid())
    return select(EVENTS.c.id, EVENTS.c.sequence).where(*visible(EVENTS, seen), young)


def _whole(chosen: Select[Any], *, n: bool = False) -> Select[Any]:
    """All of the events of which the ids were found; row by row, whatever the plan expects."""
    found = chosen.subquery("chosen")
    mine = (JOURNAL.c.tenant_id == TENANT, JOURNAL.c.id == found.c.id)
    row = select(JOURNAL).where(*mine).offset(number(0)).lateral("row")
    rows = select(row).select_from(found.join(row, true())).order_by(row.c.sequence)
    place = func.row_number().over(order_by=row.c.sequence).label("n")
    return rows.add_columns(place) if n else rows
