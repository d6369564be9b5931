"""What stands in business units: nouns above this one say it in their `resource.py`."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Text, cast, func, select

from crm_api.kit.db import table_of
from crm_api.kit.projection import ID
from crm_api.kit.statement import TENANT, Statement, in_tenant, quoted

from .models import BusinessUnitLine

LINES = table_of(BusinessUnitLine)
residents: dict[str, "Column[Any]"] = {}
"""The column that names the unit of a record, by the word of its noun: `user`, `team`."""


@lru_cache
def counted() -> Statement:
    """How many stand in a unit or below it today, as JSON by the words of their nouns."""
    branch = select(LINES.c.unit_id).where(LINES.c.tenant_id == TENANT, LINES.c.ancestor_id == ID)
    counts: list[ColumnElement[Any]] = []
    for word, unit in residents.items():
        of_tenant = select(func.count()).where(unit.table.c.tenant_id == TENANT)
        counts += [quoted(word), of_tenant.where(unit.in_(branch)).scalar_subquery()]
    return in_tenant(select(cast(func.json_build_object(*counts), Text)).scalar_subquery())
