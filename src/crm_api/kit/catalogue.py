"""All fields of a noun that may be asked about, by their names."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, FromClause, select

from .actor import Tenant
from .criteria import Criterion, Document, Sees
from .db import Base, table_of
from .ops import Test
from .sight import Seen, bound, visible

catalogues: dict[str, "Catalogue"] = {}
"""What may be asked about each collection, by its name in the URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Through(Criterion):
    """A field of the record that an id means, such as `parent.source`.

    In a document it is known only where the record stands beside its id.
    """

    name: str = field(compare=False)
    by: str
    beside: str
    model: type[Base]
    inner: Criterion
    seen: Seen | None = None

    def read(self, value: Any, tenant: Tenant, *, whole: bool = True) -> Any:
        return self.inner.read(value, tenant, whole=whole)

    def sql(self, row: FromClause, name: str, test: Test, many: bool) -> ColumnElement[bool]:
        other = table_of(self.model).alias(f"{name}_{self.beside}")
        passed = self.inner.sql(other, name, test, many)
        same = (*visible(other, self.seen), other.c.id == row.c[self.by])
        return select(other.c.id).where(*same, passed).correlate(row).exists()

    def bound(self, name: str, value: Any) -> Mapping[str, Any]:
        return {**bound(self.seen), **self.inner.bound(name, value)}

    def of_seen(self, sees: Sees) -> "Through":
        return replace(self, seen=sees(self.model), inner=self.inner.of_seen(sees))

    def found(self, document: Document) -> list[Any]:
        beside = document.get(self.beside)
        return self.inner.found(beside) if beside else []


@dataclass(frozen=True, slots=True)
class Link:
    """An id that leads to records of a noun: `parent.` before the names of that noun's fields.

    `scope` is what whoever asks by them must hold beside, where they are of another noun.
    """

    by: str
    model: type[Base]
    catalogue: Callable[[], "Catalogue"]
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """Fields whose names a caller completes: `external_ids.{system}`."""

    stands_for: str
    make: Callable[[str], Criterion | None]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All fields of a collection; `families` make one of what follows the point in a name."""

    noun: str

    fields: tuple[Criterion, ...]
    families: Mapping[str, Family] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)

    def find(self, name: str) -> Criterion | None:
        known = next((known for known in self.fields if known.name == name), None)
        first, _, rest = name.partition(".")
        if known or not rest:
            return known
        if first in self.families:
            return self.families[first].make(rest)
        return self._beyond(first, rest) if first in self.links else None

    def all(self) -> Iterator[Criterion]:
        """Every field, and those of the records that ids mean."""
        yield from self._own()
        for name, link in self.links.items():
            for inner in link.catalogue()._own():
                if known := self._beyond(name, inner.name):
                    yield known

    def _own(self) -> Iterator[Criterion]:
        yield from self.fields
        made = (family.make(f"{{{family.stands_for}}}") for family in self.families.values())
        yield from (known for known in made if known)

    def _beyond(self, first: str, rest: str) -> Criterion | None:
        link = self.links[first]
        inner, by = link.catalogue().find(rest), self.find(link.by)
        return inner and Through(
            name=f"{first}.{inner.name}",
            kind=inner.kind,
            labels=(*(by.labels if by else ()), *inner.labels),
            says=inner.says,
            options=inner.options,
            secret=inner.secret,
            scope=link.scope,
            ruled=inner.ruled,
            by=link.by,
            beside=first,
            model=link.model,
            inner=inner,
        )
