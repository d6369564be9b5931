"""Which rows of a table a caller sees: one condition, in every statement that reads or changes
them. What he does not see is not there for him, in whatever way he asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Uuid, bindparam, or_

from .actor import Actor
from .filters import Form, Plain


class Sight(Protocol):
    """The rule of a noun; a table names its rule in `sight`."""

    def of(self, actor: Actor) -> "Seen | None":
        """What this caller sees; null where he sees all."""
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
class OwnAndShared:
    """Rows whose `owner` is the caller, and those that are `shared`."""

    owner: str
    shared: str

    def of(self, actor: Actor) -> Seen | None:
        return Seen(self, None, {"viewer": actor.id})

    def condition(self, table: FromClause, form: Form) -> ColumnElement[bool]:
        mine = table.c[self.owner] == bindparam("viewer", type_=Uuid())
        return or_(mine, table.c[self.shared])
