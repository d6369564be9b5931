"""Fields that may be asked about: where the database and a document have their values.

What differs from tenant to tenant, such as a key inside a column, is bound and not compared: one
statement serves all tenants that ask the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    bindparam,
)

from .actor import Tenant
from .db import Base
from .kinds import Choice, Kind, read
from .ops import OF_KIND, Op, Test
from .sight import Seen
from .words import misfit, say

Document = Mapping[str, Any]
Labels = Mapping[str, str]
Sees = Callable[[type[Base]], Seen | None]
"""Which records of a noun somebody sees; null for all."""


class Lister(Protocol):
    """A look-up table that lists rows by whole values, in the order in which they were made."""

    def listed(self, name: str, form: Any) -> Select[Any]:
        """The ids of the rows that have the value of the parameter `name`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """`secret` fields are not for those who see masked data, those of a `scope` for those alone who
    hold it; `ruled` is the name of the field that roles may hide; `options` are all values, if few.

    `labels` name it, by language; those of another record's field begin with the link to it.
    """

    name: str
    kind: Kind
    labels: tuple[Labels, ...] = field(default=(), compare=False)
    says: str = field(default="", compare=False)
    options: Mapping[str, Choice] = field(default_factory=dict, compare=False)
    secret: bool = field(default=False, compare=False)
    scope: str = field(default="", compare=False)
    ruled: str = field(default="", compare=False)

    @property
    def grouped(self) -> bool:
        """Whether a record has one value of it."""
        return False

    @property
    def ops(self) -> tuple[Op, ...]:
        return OF_KIND[self.kind]

    def read(self, value: Any, tenant: Tenant, *, whole: bool = True) -> Any:
        """A value to compare with, a whole one or a part.

        Raises pydantic's ValidationError or Misfit.
        """
        known = read(self.kind, value)
        if self.options and known not in self.options:
            raise misfit(
                "unknown_option", say("Send one of {choices}.", choices=", ".join(self.options))
            )
        return known

    def sql(self, row: FromClause, name: str, test: Test, many: bool) -> ColumnElement[bool]:
        """Whether a value of the row passes the test; null for no."""
        raise NotImplementedError

    def located(self, name: str) -> Mapping[str, Any]:
        """The parameters that say where the value is."""
        return {}

    def bound(self, name: str, value: Any) -> Mapping[str, Any]:
        """All parameters of a test."""
        return {name: value, **self.located(name)}

    def of_seen(self, sees: Sees) -> "Criterion":
        """The same for who does not see all records: what others are like he cannot ask."""
        return self

    def found(self, document: Document) -> list[Any]:
        """The values that the document of a row has."""
        raise NotImplementedError

    def column(self, row: FromClause, name: str) -> ColumnElement[Any]:
        """The one value of the row; only of those that are `grouped`."""
        raise NotImplementedError

    def spelled(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """Such a value as a document has it."""
        return value

    def told(self, row: FromClause, name: str) -> ColumnElement[Any]:
        """The value of the row as its document has it."""
        return self.spelled(self.column(row, name))

    @property
    def sortable(self) -> bool:
        """Whether a look-up table has the values in their order: see `valued`."""
        return False

    def valued(self, name: str) -> Select[Any]:
        """The ids of the rows that have a value, and it; `name` begins the parameters' names."""
        raise NotImplementedError

    def lister(self) -> Lister | None:
        """What lists rows by whole values, if there is such a table."""
        return None


def parameter(name: str, column: ColumnElement[Any], many: bool) -> BindParameter[Any]:
    return bindparam(name, type_=ARRAY(column.type) if many else column.type)
