"""Groups and their figures, counted by PostgreSQL in one statement."""

from functools import lru_cache
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Numeric,
    Text,
    bindparam,
    cast,
    distinct,
    func,
    select,
)

from .criteria import Criterion
from .db import table_of
from .figures import Aggregate, Period, Reckon
from .kinds import TIMES, Kind
from .paging import Used
from .places import WANTED
from .query import ListQuery, conditions
from .reckoning import Asked, Reckoned
from .schema import Read
from .statement import Statement, in_tenant, number, quoted

ZONE = bindparam("zone", type_=Text())


@lru_cache(maxsize=256)
def figures(read: type[Read], query: type[ListQuery], used: Used, asked: Asked) -> Statement:
    """JSON of a list with a list for each group: its values, then its figures."""
    table = table_of(read.table)
    names = [f"group_{n}" for n in range(len(asked.groups))]
    values = [
        _gathered(group, table, name, asked.period).label(name)
        for group, name in zip(asked.groups, names, strict=True)
    ]
    metrics = [_reckoned(one, table, f"metric_{n}") for n, one in enumerate(asked.metrics)]
    rows = select(*values, *metrics).select_from(table)
    rows = rows.where(*conditions(table, query, dict(used)))
    if names:
        rows = rows.group_by(*(number(n + 1) for n in range(len(names))))
    first: ColumnElement[Any] = number(len(names) + 1).desc().nulls_last()
    rows = rows.order_by(first, *(number(n + 1) for n in range(len(names))))
    found = rows.limit(WANTED).subquery("found")
    listed = func.json_agg(func.json_build_array(*found.c))
    return in_tenant(select(cast(listed, Text)).select_from(found).scalar_subquery())


def _gathered(
    group: Criterion, table: FromClause, name: str, period: Period | None
) -> ColumnElement[Any]:
    """The value of a group, or the first day of its period."""
    if group.kind not in TIMES or period is None:
        return group.told(table, name)
    at = group.column(table, name)
    local = func.timezone(ZONE, at) if group.kind is Kind.datetime else cast(at, DateTime())
    return cast(cast(func.date_trunc(quoted(period), local), Date), Text)


def _reckoned(one: Reckoned, table: FromClause, name: str) -> ColumnElement[Any]:
    """Sums and averages are decimals as text: not all clients read long numbers exactly."""
    if one.criterion is None:
        return func.count().label(name)
    column = one.criterion.column(table, name)
    if one.op in (Reckon.count_, Reckon.count_distinct):
        counted = distinct(column) if one.op is Reckon.count_distinct else column
        return func.count(counted).label(name)
    found = getattr(func, one.op)(column)
    if one.op in (Reckon.sum, Reckon.avg):
        rounded = func.trim_scale(func.round(cast(found, Numeric), number(6)))
        return cast(rounded, Text).label(name)
    return one.criterion.spelled(found).label(name)


def told(sent: Aggregate, found: str | None) -> bytes:
    """The answer: what was found, under the names that the caller knows."""
    rows, many = from_json(found or "[]"), len(sent.group_by)
    metrics = [metric.name for metric in sent.metrics]
    groups = [
        {
            "group": dict(zip(sent.group_by, row[:many], strict=True)),
            "metrics": dict(zip(metrics, row[many:], strict=True)),
        }
        for row in rows[: sent.limit]
    ]
    return to_json({"object": "aggregate", "groups": groups, "more_groups": len(rows) > sent.limit})
