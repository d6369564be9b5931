"""A field that a tenant has defined, as SQL and in documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Numeric,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.types import TypeEngine

from crm_api.kit.columns import told
from crm_api.kit.criteria import Criterion, Document, parameter
from crm_api.kit.db import table_of
from crm_api.kit.kinds import Kind, kept, read
from crm_api.kit.ops import Test
from crm_api.kit.statement import TENANT

from .models import CustomValue

VALUES = table_of(CustomValue)
TYPES: Mapping[Kind, TypeEngine[Any]] = {
    Kind.number: BigInteger(),
    Kind.decimal: Numeric(),
    Kind.boolean: Boolean(),
    Kind.date: Date(),
    Kind.datetime: TIMESTAMP(timezone=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomCriterion(Criterion):
    """A value under a key of `custom`. Indexed ones are found by the texts that `kit.kinds`
    keeps; the SQL is the same for all fields of a kind, whoever has defined them."""

    name: str = field(compare=False)
    key: str = field(compare=False)
    id: UUID = field(compare=False)
    indexed: bool

    @property
    def grouped(self) -> bool:
        return self.kind is not Kind.multi_select

    @property
    def sortable(self) -> bool:
        return self.indexed and self.grouped

    def column(self, row: FromClause, name: str) -> ColumnElement[Any]:
        text = self._json(row, name, "->>", Text())
        return cast(text, TYPES[self.kind]) if self.kind in TYPES else text

    def spelled(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        if self.kind is Kind.decimal:
            return cast(func.trim_scale(value), Text)
        return told(value)

    def sql(self, row: FromClause, name: str, test: Test, many: bool) -> ColumnElement[bool]:
        if self.indexed:
            mine = self._rows(name).where(VALUES.c.object_id == row.c.id)
            text = VALUES.c.value
            passed = mine.where(test.sql(text, parameter(name, text, many)))
            return passed.correlate_except(VALUES).exists()
        if self.kind is not Kind.multi_select:
            value = self.column(row, name)
            found: ColumnElement[bool] = test.sql(value, parameter(name, value, many))
            return found
        listed = func.jsonb_array_elements_text(self._json(row, name, "->", JSONB()))
        members = listed.table_valued(column("value", Text()), name=f"{name}_members")
        member = members.c.value
        some = select(member).where(test.sql(member, parameter(name, member, many)))
        return some.correlate_except(members).exists()

    def located(self, name: str) -> Mapping[str, Any]:
        return {f"{name}_key": self.key, f"{name}_field": self.id}

    def bound(self, name: str, value: Any) -> Mapping[str, Any]:
        return {name: self._kept(value) if self.indexed else value, **self.located(name)}

    def found(self, document: Document) -> list[Any]:
        value = document["custom"].get(self.key)
        values = value if isinstance(value, list) else [] if value is None else [value]
        return [read(self.kind, one) for one in values]

    def lister(self) -> "CustomCriterion | None":
        return self if self.indexed else None

    def listed(self, name: str, form: Any) -> Select[Any]:
        return self._rows(name).where(VALUES.c.value == bindparam(name, type_=Text()))

    def valued(self, name: str) -> Select[Any]:
        return self._rows(name).add_columns(VALUES.c.value)

    def _kept(self, value: Any) -> Any:
        if isinstance(value, list):
            return [kept(self.kind, one) for one in value]
        return None if value is None else kept(self.kind, value)

    def _rows(self, name: str) -> Select[Any]:
        of_field = VALUES.c.field_id == bindparam(f"{name}_field", type_=Uuid())
        return select(VALUES.c.object_id).where(VALUES.c.tenant_id == TENANT, of_field)

    def _json(
        self, row: FromClause, name: str, arrow: str, type_: TypeEngine[Any]
    ) -> ColumnElement[Any]:
        return row.c.custom.op(arrow, return_type=type_)(bindparam(f"{name}_key", type_=Text()))
