"""Rows that a condition finds, read one by one if they are few."""

from typing import Any

from sqlalchemy import FromClause, Select, func, literal_column, select, union_all

from .statement import TENANT

FEW = 20_000


def few_or_all(ids: Select[Any] | None, table: FromClause) -> Select[Any] | None:
    """The ids, in their order, if they are few; else those of all rows, which are then not far
    from one that matches. Only one of both branches is entered.
    """
    if ids is None:
        return None
    few = ids.limit(literal_column(str(FEW + 1))).cte("few", nesting=True)
    many = select(func.count()).select_from(few).scalar_subquery() > literal_column(str(FEW))
    listed = select(few.c[0].label("id")).where(~many)
    rows = select(table.c.id.label("id")).where(table.c.tenant_id == TENANT, many)
    both = union_all(listed, rows).subquery("few_or_all")
    return select(both.c.id)
