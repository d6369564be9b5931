"""Where fields that may be asked about are kept: in a column, inside one, in a look-up table."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, bindparam

from .actor import Tenant
from .columns import mark, prefix, told
from .criteria import Criterion, Document, parameter
from .filters import Listed
from .ids import Prefix
from .kinds import Choice, Kind, read
from .masking import Masked
from .ops import Test
from .ruled import names
from .schema import OpenEnum, Read
from .words import Words, by_language, misfit


@dataclass(frozen=True, slots=True, kw_only=True)
class Own(Criterion):
    """A column of the name of the document's field."""

    prefix: Prefix | None = None

    @property
    def grouped(self) -> bool:
        return True

    def read(self, value: Any, tenant: Tenant, *, whole: bool = True) -> Any:
        known = Criterion.read(self, value, tenant, whole=whole)
        if self.prefix and not known.startswith(f"{self.prefix.name}_"):
            raise misfit("wrong_prefix", self.prefix.wanted)
        return known

    def column(self, row: FromClause, name: str) -> ColumnElement[Any]:
        return row.c[self.name]

    def spelled(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        return told(value, self.prefix)

    def sql(self, row: FromClause, name: str, test: Test, many: bool) -> ColumnElement[bool]:
        column = row.c[self.name]
        passed: ColumnElement[bool] = test.sql(column, parameter(name, column, many))
        return passed

    def bound(self, name: str, value: Any) -> Mapping[str, Any]:
        if self.prefix is None or value is None:
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

    def read(self, value: Any, tenant: Tenant, *, whole: bool = True) -> Any:
        known = Criterion.read(self, value, tenant, whole=whole)
        return self.spell(known, tenant) if self.spell and whole else known

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
    of: str
    key: str = field(compare=False)

    @property
    def grouped(self) -> bool:
        return True

    def column(self, row: FromClause, name: str) -> ColumnElement[Any]:
        key = bindparam(f"{name}_key", type_=Text())
        return row.c[self.of].op("->>", return_type=Text())(key)

    def sql(self, row: FromClause, name: str, test: Test, many: bool) -> ColumnElement[bool]:
        value = self.column(row, name)
        passed: ColumnElement[bool] = test.sql(value, parameter(name, value, many))
        return passed

    def located(self, name: str) -> Mapping[str, Any]:
        return {f"{name}_key": self.key}

    def found(self, document: Document) -> list[Any]:
        value = document[self.of].get(self.key)
        return [] if value is None else [read(self.kind, value)]


def of(read: type[Read], name: str, kind: Kind) -> Own:
    """A field of a noun's document that is the column of its name; the rest follows from it.

    Its `title` and what its values are called are `say(...)`: they label it in all languages.
    """
    shape = read.model_fields[name]
    values: OpenEnum | None = mark(shape, OpenEnum)
    assert isinstance(shape.title, Words), f"{name} has no title"
    return Own(
        name=name,
        kind=kind,
        labels=(by_language(shape.title),),
        says=shape.description or "",
        options=_choices(values) if values else {},
        secret=mark(shape, Masked) is not None,
        ruled=names(read).get(name, ""),
        prefix=prefix(shape) if kind is Kind.reference else None,
    )


def _choices(values: OpenEnum) -> dict[str, Choice]:
    return {one.value: Choice(by_language(values.labels[one.value])) for one in values.kind}
