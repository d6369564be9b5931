"""From the fields of a `Read` to SQL: one expression each, in the contract's own spelling."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol, get_args, get_origin, runtime_checkable

from pydantic import GetJsonSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema
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
from sqlalchemy.dialects.postgresql import JSONPATH

from .ids import Prefix
from .masking import NOTHING, Instead, Masked
from .ruled import NO_MASKS, Masks, hidden
from .schema import Read
from .statement import quoted

Columns = ColumnCollection[str, Any]


@runtime_checkable
class Derived(Protocol):
    """A mark in the `Annotated` of a field that is not simply the column of its name."""

    def written(self, row: Columns) -> ColumnElement[Any]: ...


@runtime_checkable
class Varied(Protocol):
    """As `Derived`, where what is shown depends on what the reader's roles hide."""

    def veiled(self, row: Columns, masks: Masks) -> ColumnElement[Any]: ...


@dataclass(frozen=True, slots=True)
class Inside:
    """A field that is one text inside a jsonb column: `path` is an SQL/JSON path (ISO 9075)."""

    column: str
    path: str

    def written(self, row: Columns) -> ColumnElement[Any]:
        part = func.jsonb_path_query_first(row[self.column], cast(quoted(self.path), JSONPATH))
        text: ColumnElement[Any] = part.op("#>>")(quoted("{}"))
        return text


@dataclass(frozen=True, slots=True)
class Expanded:
    """A field that holds the record that the id in `by` means; absent unless asked for."""

    by: str

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        said = f"The record of `{self.by}`; only there when `expand` asks for it."
        return {**handler(schema), "description": said, "x-expands": self.by}


def columns(read: type[Read], row: Columns, masks: Masks | None) -> Iterator[Label[Any]]:
    """One SQL expression for each field of `read`, over the columns of a row.

    With `masks`, be it none, the statement has a parameter `masked`; else it shows everything.
    """
    gone = hidden(read, masks) if masks else ()
    for name, field in read.model_fields.items():
        if mark(field, Expanded) is None:
            written, personal = _written(name, field, row, masks), mark(field, Masked)
            if name in gone:
                written = (mark(field, Instead) or personal or NOTHING).hidden(written)
            elif personal and masks is not None:
                written = personal.over(written)
            yield written.label(name)


def _written(name: str, field: FieldInfo, row: Columns, masks: Masks | None) -> ColumnElement[Any]:
    """A column of the field's name, or what its mark says."""
    varied: Varied | None = mark(field, Varied)
    if varied:
        return varied.veiled(row, masks or NO_MASKS)
    if get_origin(field.annotation) is Literal:
        return quoted(get_args(field.annotation)[0])
    derived: Derived | None = mark(field, Derived)
    if derived:
        return derived.written(row)
    column: ColumnElement[Any] = row[name]
    return told(column, prefix(field) if isinstance(column.type, Uuid) else None)


def told(column: ColumnElement[Any], prefix: Prefix | None = None) -> ColumnElement[Any]:
    """A value as the contract has it."""
    return quoted(f"{prefix.name}_").concat(hexadecimal(column)) if prefix else _spelled(column)


def hexadecimal(id: ColumnElement[Any]) -> ColumnElement[str]:
    """The 32 digits of a UUID, as ids have them on the wire."""
    return func.encode(func.uuid_send(id), quoted("hex"))


def _spelled(column: ColumnElement[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, DateTime):
        utc = func.timezone(quoted("UTC"), column)
        return func.to_char(utc, quoted('YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    if isinstance(column.type, Date):
        return func.to_char(column, quoted("YYYY-MM-DD"))
    if isinstance(column.type, Numeric):
        return cast(func.trim_scale(column), Text)
    return column


def mark(field: FieldInfo, kind: Any) -> Any:
    """The mark of this kind in the field's `Annotated`, or None."""
    return next((found for found in field.metadata if isinstance(found, kind)), None)


def prefix(field: FieldInfo) -> Prefix:
    """The `Prefix` of `CustomerId`, also where the field says `CustomerId | None`."""
    members = (getattr(member, "__metadata__", ()) for member in get_args(field.annotation))
    marks = [*field.metadata, *(found for metadata in members for found in metadata)]
    return next(found for found in marks if isinstance(found, Prefix))


@lru_cache
def prefix_of(read: type[Read]) -> Prefix:
    return prefix(read.model_fields["id"])


@lru_cache
def personal(read: type[Read]) -> frozenset[str]:
    """The fields that masked keys do not see."""
    marks = {name: mark(field, Masked) for name, field in read.model_fields.items()}
    return frozenset(name for name, found in marks.items() if type(found) is Masked)
