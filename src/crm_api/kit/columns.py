"""From the fields of a `Read` to SQL: one expression each, in the contract's own spelling."""

from collections.abc import Iterator
from typing import Any, Literal, Protocol, get_args, get_origin, runtime_checkable

from pydantic.fields import FieldInfo
from sqlalchemy import (
    ColumnCollection,
    ColumnElement,
    Date,
    DateTime,
    Label,
    Numeric,
    Text,
    Uuid,
    cast,
    func,
)

from .ids import Prefix
from .schema import Read
from .statement import quoted

Columns = ColumnCollection[str, Any]


@runtime_checkable
class Derived(Protocol):
    """A mark in the `Annotated` of a field that is not simply the column of its name."""

    def written(self, row: Columns) -> ColumnElement[Any]: ...


def columns(read: type[Read], row: Columns) -> Iterator[Label[Any]]:
    """One SQL expression for each field of `read`, over the columns of a row."""
    for name, field in read.model_fields.items():
        yield _written(name, field, row).label(name)


def _written(name: str, field: FieldInfo, row: Columns) -> ColumnElement[Any]:
    """A column of the field's name, or what its mark says."""
    if get_origin(field.annotation) is Literal:
        return quoted(get_args(field.annotation)[0])
    if derived := mark(field, Derived):
        written: ColumnElement[Any] = derived.written(row)
        return written
    column: ColumnElement[Any] = row[name]
    if isinstance(column.type, Uuid):
        return quoted(f"{prefix(field).name}_") + func.encode(func.uuid_send(column), quoted("hex"))
    return _spelled(column)


def _spelled(column: ColumnElement[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, DateTime):
        utc = func.timezone(quoted("UTC"), column)
        return func.to_char(utc, quoted('YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    if isinstance(column.type, Date):
        return func.to_char(column, quoted("YYYY-MM-DD"))
    if isinstance(column.type, Numeric):
        return cast(column, Text)
    return column


def mark(field: FieldInfo, kind: Any) -> Any:
    """The mark of this kind in the field's `Annotated`, or None."""
    return next((found for found in field.metadata if isinstance(found, kind)), None)


def prefix(field: FieldInfo) -> Prefix:
    """The `Prefix` of `CustomerId`, also where the field says `CustomerId | None`."""
    members = (getattr(member, "__metadata__", ()) for member in get_args(field.annotation))
    marks = [*field.metadata, *(found for metadata in members for found in metadata)]
    return next(found for found in marks if isinstance(found, Prefix))
