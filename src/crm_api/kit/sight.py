"""Which rows of a table a caller sees: one condition, in every statement that reads or changes
them. What he does not see is not there for him, in whatever way he asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Uuid, bindparam, or_

from .actor import Actor
from .db import Base
from .filters import Form, Plain
from .statement import TENANT, as_text

Deed = Literal["read", "write"]


class Sight(Protocol):
    """The rule of a noun; a table names its rule in `sight`."""

    def of(self, actor: Actor, deed: Deed = "read") -> "Seen | None":
        """What this caller sees, or may change; null where that is all."""
        ...

    def condition(self, table: FromClause, form: Form) -> ColumnElement[bool]: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """A rule, through the eyes of one caller; equal to another where the SQL is the same."""

    sight: Sight
    form: Form
    bound: Mapping[str, Any] = field(compare=False)

    def condition(self, table: FromClause) -> ColumnElement[bool]:
        return self.sight.condition(table, self.form)


def seen_by(actor: Actor, table: type[Base], deed: Deed = "read") -> Seen | None:
    """What a caller sees of a table, or may change; null where that is all of it."""
    return table.sight.of(actor, deed) if table.sight else None


def bound(*seen: Seen | None) -> dict[str, Any]:
    """What statements are told that show what a caller sees, of one table or of several."""
    return {name: value for one in seen if one for name, value in one.bound.items()}


def visible(table: FromClause, seen: Seen | None) -> list[ColumnElement[bool]]:
    """What the rows must be that a statement reads or locks for a caller of a tenant."""
    mine: ColumnElement[bool] = table.c.tenant_id == TENANT
    return [mine, seen.condition(table)] if seen else [mine]


def and_seen(table: FromClause, seen: Seen | None) -> str:
    """The same as text, for SQL that is text: ` AND ...` with named parameters, or nothing."""
    if seen is None:
        return ""
    return f" AND ({as_text(seen.condition(table))})"


def narrowed(meant: Mapping[str, Any], seen: Seen | None) -> Mapping[str, Any]:
    """With what the caller sees among what the records of a list must be."""
    return {**meant, "seen": seen} if seen else meant


class Narrowed(Plain):
    """What stands among the filters of a list for what its caller sees."""

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        assert isinstance(form, Seen)
        return form.condition(table)

    def form(self, value: Any) -> Form:
        seen: Seen = value
        return seen

    def values(self, name: str, value: Any, tenant: UUID) -> Mapping[str, Any]:
        return dict(value.bound)


@dataclass(frozen=True, slots=True)
class OwnOfLimited:
    """All rows for those who reach all records; for others those that name them in `owner`."""

    owner: str

    def of(self, actor: Actor, deed: Deed = "read") -> Seen | None:
        return Seen(self, None, {"user": actor.user_id}) if actor.reach.viewers else None

    def condition(self, table: FromClause, form: Form) -> ColumnElement[bool]:
        return table.c[self.owner] == bindparam("user", type_=Uuid())


@dataclass(frozen=True, slots=True)
class OwnAndShared:
    """Rows whose `owner` is the caller, and those that are `shared`."""

    owner: str
    shared: str

    def of(self, actor: Actor, deed: Deed = "read") -> Seen | None:
        return Seen(self, None, {"viewer": actor.id})

    def condition(self, table: FromClause, form: Form) -> ColumnElement[bool]:
        mine = table.c[self.owner] == bindparam("viewer", type_=Uuid())
        return or_(mine, table.c[self.shared])
