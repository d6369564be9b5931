"""SQL compiled once by SQLAlchemy Core, run many times by the driver."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    ScalarSelect,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
NAMED = PGDialect_asyncpg(paramstyle="named")  # type: ignore[no-untyped-call]
TENANT = bindparam("tenant", type_=Uuid())
TYPED, CAST = re.compile(r":(\w+)::([A-Z]+(?:\[\])?)"), r"CAST(:\1 AS \2)"
"""A parameter as the dialect writes it; SQLAlchemy takes no `:name::TYPE` in a text for one."""


def quoted(text: str) -> ColumnClause[str]:
    """A constant written into the SQL, where a bind parameter would only cost time."""
    escaped = text.replace("'", "''")
    return literal_column(f"'{escaped}'", Text)


def number(value: int) -> ColumnClause[Any]:
    """As `quoted`, of a whole number."""
    return literal_column(str(value))


def as_text(part: ColumnElement[Any]) -> str:
    """A part of a statement for SQL that is text, with named parameters."""
    return TYPED.sub(CAST, str(part.compile(dialect=NAMED)))


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    names: tuple[str, ...]
    constants: Mapping[str, Any] = field(compare=False)

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        return [values[name] if name in values else self.constants[name] for name in self.names]


def in_tenant(query: ScalarSelect[Any]) -> Statement:
    """One round trip under row level security, with no BEGIN.

    CASE evaluates its condition first, so the tenant is set, for this transaction only, before
    the query meets a policy. Whatever goes wrong, an unset tenant is an error and never a leak.
    """
    tenant_is_set = func.set_config(quoted("app.tenant"), cast(TENANT, Text), true()).is_not(None)
    compiled = select(case((tenant_is_set, query))).compile(dialect=DIALECT)
    return Statement(str(compiled), tuple(compiled.positiontup or ()), compiled.params)
