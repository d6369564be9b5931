"""Lists: declare the query parameters of a collection, get filtering, sorting and paging."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import FromClause

from .errors import FieldError, Invalid
from .filters import Filter, Finder, Form
from .pages import COUNTED
from .schema import Input, Read
from .sight import Narrowed
from .statement import TENANT
from .words import say

MOST = 200
NOTHING: Mapping[str, Any] = {}
Meant = Mapping[str, Any]
BESIDE_THE_QUESTION = {"cursor", "limit", "view", "expand", "include"}
EXPAND = Field(
    max_length=5,
    description="Records to put beside the ids that mean them, by the names of their fields.",
)
VIEW = Field(description="`summary` has fewer fields and costs less.")


class ListQuery(Input):
    """What every collection understands. Subclasses narrow `sort` and add filters.

    `sorts` names the column behind a sort key where it is not the column of that name; the
    columns are never null, or rows would be lost between pages. `views` are the shapes of the
    records beside the full one; `reveals` are the fields that a filter asks about, where that is
    not the one of its name.
    """

    sorts: ClassVar[Mapping[str, str]] = {}
    views: ClassVar[Mapping[str, type[Read]]] = {}
    reveals: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    limit: Annotated[
        int, Field(ge=1, le=MOST, description="How many records a page holds, at most.")
    ] = 50
    cursor: Annotated[
        str | None,
        Field(max_length=2000, description="`next_cursor` of the page before, as it was sent."),
    ] = None

    include: Annotated[
        list[Literal["total"]],
        Field(max_length=1, description=f"`total` counts what is found, up to {COUNTED:,}."),
    ] = []

    def sort_keys(self) -> tuple[str, ...]:
        """`-created_at` before `name`, as asked, with columns for keys; a second mention of a
        field says nothing more.
        """
        asked: list[str] = getattr(self, "sort", None) or ["-created_at"]
        first = {key.removeprefix("-"): key for key in reversed(asked)}
        return tuple(_column(first[name], self.sorts) for name in _fields(asked))

    def used(self, meant: Meant = NOTHING) -> dict[str, Any]:
        """The filters in use, by the name of their parameter; `meant` are those that somebody
        had to understand first."""
        asked = vars(self)
        given = {n: v for n in filters(type(self)) if (v := asked[n]) is not None and v != []}
        return {**given, **meant}

    def arguments(self, tenant: UUID, meant: Meant = NOTHING) -> dict[str, Any]:
        """What the filters in use are bound to in the statement."""
        known = marks(type(self))
        bound: dict[str, Any] = {}
        for name, value in self.used(meant).items():
            bound |= known[name].values(name, value, tenant)
        return bound

    def asked(self, meant: Meant = NOTHING) -> tuple[tuple[str, Form], ...]:
        """The filters in use, each with what of its value the SQL depends on."""
        known = marks(type(self))
        return tuple((name, known[name].form(value)) for name, value in self.used(meant).items())

    def question(self) -> str:
        """All that a cursor depends on."""
        return self.model_dump_json(exclude=BESIDE_THE_QUESTION)

    @property
    def descends(self) -> bool:
        """Whether the first key does."""
        keys: list[str] = getattr(self, "sort", ["-"])
        return keys[0].startswith("-")

    def by_value(self) -> tuple[int, str] | None:
        """The first field to sort by whose values are in another table, and its place."""
        keys: list[str] = getattr(self, "sort", [])
        return next(((n, k.removeprefix("-")) for n, k in enumerate(keys) if "." in k), None)

    def read_as(self, full: type[Read]) -> type[Read]:
        """The shape of the view that was asked for."""
        return self.views.get(getattr(self, "view", "full"), full)

    def expansions(self, read: type[Read]) -> list[str]:
        """What to put beside the records. Raises Invalid where the view has no place for it."""
        asked: list[str] = getattr(self, "expand", [])
        if any(name.partition(".")[0] not in read.model_fields for name in asked):
            said: FieldError = {
                "pointer": "?expand",
                "code": "not_in_view",
                "message": say("Leave out either `expand` or `view`."),
            }
            raise Invalid(say("A summary has no place for expanded records."), said)
        return asked


def _fields(asked: list[str]) -> list[str]:
    return list(dict.fromkeys(key.removeprefix("-") for key in asked))


def _column(key: str, sorts: Mapping[str, str]) -> str:
    name = key.removeprefix("-")
    return ("-" if key.startswith("-") else "") + sorts.get(name, name)


@lru_cache
def filters(query: type[ListQuery]) -> dict[str, Filter | Finder]:
    """What a caller may ask by, of each parameter."""
    fields = query.model_fields.items()
    return {n: mark for n, f in fields for mark in f.metadata if isinstance(mark, Filter | Finder)}


@lru_cache
def marks(query: type[ListQuery]) -> dict[str, Filter | Finder]:
    """The same, and what narrows a list to what its caller sees."""
    return {**filters(query), "seen": Narrowed()}


def source(table: FromClause, query: type[ListQuery], used: Mapping[str, Form]) -> FromClause:
    """The table, or what the finders in use find in it."""
    for name in used:
        if isinstance(finder := marks(query)[name], Finder):
            table = finder.rows(table, name)
    return table


def conditions(table: FromClause, query: type[ListQuery], used: Mapping[str, Form]) -> list[Any]:
    """That a row is the tenant's, and what the filters in use ask of it."""
    known = ((marks(query)[name], name, form) for name, form in used.items())
    asked = [f.condition(table, name, form) for f, name, form in known if isinstance(f, Filter)]
    return [table.c.tenant_id == TENANT, *asked]
