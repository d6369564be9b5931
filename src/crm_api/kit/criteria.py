"""Fields that may be asked about: where the database and a document have their values.

What differs from tenant to tenant, such as a key inside a column, is bound and not compared: one
statement serves all tenants that ask the same.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic_core import PydanticCustomError
from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    FromClause,
    Text,
    bindparam,
)

from .actor import Tenant
from .filters import Listed
from .ids import Prefix
from .kinds import Kind, read
from .ops import OF_KIND, Op, Test

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """`secret` fields are not for those who see masked data; `options` are all values, if few."""

    name: str
    kind: Kind
    says: str = field(default="", compare=False)
    options: tuple[str, ...] = field(default=(), compare=False)
    secret: bool = field(default=False, compare=False)
    grouped: ClassVar[bool] = True

    @property
    def ops(self) -> tuple[Op, ...]:
        return OF_KIND[self.kind]

    def read(self, value: Any, tenant: Tenant) -> Any:
        """A value to compare with. Raises pydantic's ValidationError, PydanticCustomError."""
        known = read(self.kind, value)
        if self.options and known not in self.options:
            raise PydanticCustomError(
                "unknown_option", "Send one of {allowed}", {"allowed": ", ".join(self.options)}
            )
        return known

    def sql(self, row: FromClause, name: str, test: Test, many: bool) -> ColumnElement[bool]:
        """Whether a value of the row passes the test; null for no."""
        raise NotImplementedError

    def bound(self, name: str, value: Any) -> Mapping[str, Any]:
        """The parameters of that SQL."""
        return {name: value}

    def found(self, document: Document) -> list[Any]:
        """The values that the document of a row has."""
        raise NotImplementedError

    def lister(self) -> Listed | None:
        """The look-up table that lists rows by whole values, if there is one."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Own(Criterion):
    """A column of the name of the document's field."""

    prefix: Prefix | None = None

    def read(self, value: Any, tenant: Tenant) -> Any:
        known = Criterion.read(self, value, tenant)
        if self.prefix and not known.startswith(f"{self.prefix.name}_"):
            raise PydanticCustomError(
                "wrong_prefix",
                "Send an id that begins with {prefix}_",
                {"prefix": self.prefix.name},
            )
        return known

    def column(self, row: FromClause) -> ColumnElement[Any]:
        return row.c[self.name]

    def sql(self, row: FromClause, name: str, test: Test, many: bool) -> ColumnElement[bool]:
        column = self.column(row)
        passed: ColumnElement[bool] = test.sql(column, parameter(name, column, many))
        return passed

    def bound(self, name: str, value: Any) -> Mapping[str, Any]:
        if self.prefix is None or isinstance(value, bool):
            return {name: value}
        several = isinstance(value, list)
        ids = [self.prefix.read(id) for id in (value if several else [value])]
        return {name: ids if several else ids[0]}

    def found(self, document: Document) -> list[Any]:
        value = document[self.name]
        return [] if value is None else [read(self.kind, value)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Several(Criterion):
    """Values of which a look-up table has a row each; `within` finds them in a document.

    `spell` writes what was sent as the table has it.
    """

    listed: Listed
    within: Callable[[Document], Iterable[str]]
    spell: Callable[[str, Tenant], str] | None = None
    grouped = False

    def read(self, value: Any, tenant: Tenant) -> Any:
        known = Criterion.read(self, value, tenant)
        return self.spell(known, tenant) if self.spell else known

    def sql(self, row: FromClause, name: str, test: Test, many: bool) -> ColumnElement[bool]:
        return self.listed.has(
            row.c.id, lambda value: test.sql(value, parameter(name, value, many))
        )

    def found(self, document: Document) -> list[Any]:
        return list(self.within(document))

    def lister(self) -> Listed | None:
        return self.listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed(Criterion):
    """A text under a key of a jsonb column, such as `external_ids.erp`."""

    name: str = field(compare=False)
    column: str
    key: str = field(compare=False)

    def sql(self, row: FromClause, name: str, test: Test, many: bool) -> ColumnElement[bool]:
        key = bindparam(f"{name}_key", type_=Text())
        value = row.c[self.column].op("->>", return_type=Text())(key)
        passed: ColumnElement[bool] = test.sql(value, parameter(name, value, many))
        return passed

    def bound(self, name: str, value: Any) -> Mapping[str, Any]:
        return {name: value, f"{name}_key": self.key}

    def found(self, document: Document) -> list[Any]:
        value = document[self.column].get(self.key)
        return [] if value is None else [read(self.kind, value)]


def parameter(name: str, column: ColumnElement[Any], many: bool) -> BindParameter[Any]:
    return bindparam(name, type_=ARRAY(column.type) if many else column.type)
