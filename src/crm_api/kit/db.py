"""What every table shares, and what a broken constraint says about the request."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID

import asyncpg
from sqlalchemy import Constraint, Date, Enum, ForeignKeyConstraint, Index, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column
from sqlalchemy.schema import ColumnCollectionConstraint

from .errors import Conflict, DuplicateValue, FieldError, Problem, UnknownReference
from .periods import PeriodOverlaps
from .words import say

if TYPE_CHECKING:
    from .sight import Sight


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


M = TypeVar("M", bound="Base")
Rule = ColumnCollectionConstraint | Index


class Base(DeclarativeBase):
    """`sight` says who sees which rows; without it, whoever may read the noun sees all."""

    sight: ClassVar["Sight | None"] = None
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        datetime: TIMESTAMP(timezone=True, precision=3),
        date: Date,
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        list[str]: ARRAY(Text),
        StrEnum: Enum(
            StrEnum, native_enum=False, length=40, values_callable=_values, create_constraint=True
        ),
    }


class Entity(Base):
    """A row that belongs to a tenant. Defaults live in the database, the time in `ctx.now`."""

    __abstract__ = True

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)
    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)
    version: Mapped[int] = mapped_column(server_default="1", sort_order=1)
    created_at: Mapped[datetime] = mapped_column(sort_order=2)
    updated_at: Mapped[datetime] = mapped_column(sort_order=3)


def refers(column: str, table: str, ondelete: str | None = None) -> ForeignKeyConstraint:
    """A column with the id of a record of the same tenant."""
    there = [f"{table}.tenant_id", f"{table}.id"]
    return ForeignKeyConstraint(["tenant_id", column], there, ondelete=ondelete)


def listed_by(model: type[Entity], *columns: InstrumentedAttribute[Any]) -> None:
    """Indexes for lists in the order of creation: of all, and of those with a value of a column."""
    for asked in ((), *((column,) for column in columns)):
        Index(None, model.tenant_id, *asked, model.created_at, model.id)


def numbered(model: type[Entity]) -> None:
    """Documents whose `number` is unique in their business unit, and finds them."""
    columns = table_of(model).c
    Index(
        f"uq_{model.__tablename__}_number",
        *(columns.tenant_id, columns.number, columns.business_unit_id),
        unique=True,
        info={"pointer": "/number"},
    )


def detached(model: type[M], values: dict[str, Any]) -> M:
    """A row of a model without session or history, at a tenth of the price of its constructor."""
    row = model.__new__(model)
    vars(row).update(values)
    return row


def table_of(model: type[Base]) -> Table:
    assert isinstance(model.__table__, Table)
    return model.__table__


def broken_constraint(error: asyncpg.IntegrityConstraintViolationError) -> Problem:
    """Name the fields of the broken constraint, so that no service checks before it writes.

    A table, or one rule of it, may say in `info={"pointer": ...}` which field of the contract it
    comes from; with `{key}` at its end the column of that name says it, for those who know the row.
    """
    place = _pointer(error.constraint_name or "")
    if isinstance(error, asyncpg.ForeignKeyViolationError):
        return UnknownReference(place)
    if isinstance(error, asyncpg.UniqueViolationError):
        message = say("Another record already has this value.")
        said: FieldError = {"pointer": place, "code": "duplicate_value", "message": message}
        return DuplicateValue(say("A value that must be unique is already taken."), said)
    if isinstance(error, asyncpg.ExclusionViolationError):
        return PeriodOverlaps(place)
    return Conflict(say("The change conflicts with what is stored."))


def rule_named(name: str) -> tuple[Table, Rule] | None:
    """The key, unique or other constraint, or the unique index, of this name, and its table."""
    for table in Base.metadata.tables.values():
        rules: list[Constraint | Index] = [*table.constraints, *table.indexes]
        for rule in rules:
            if rule.name == name and isinstance(rule, ColumnCollectionConstraint | Index):
                return table, rule
    return None


def _pointer(broken: str) -> str:
    found = rule_named(broken)
    if found is None:
        return ""
    table, rule = found
    names = [column.name for column in rule.columns if column.name != "tenant_id"]
    said = rule.info.get("pointer") or table.info.get("pointer")
    pointer = str(said or f"/{names[-1] if names else ''}")
    return pointer.partition("/{")[0]
