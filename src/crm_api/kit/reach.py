"""Sight by reach: records that units and users see, because theirs they are.

What a caller reaches are viewers: the units and users whose records he sees, each with a right of
his own. Whoever reaches all is asked for nothing, and pays for nothing.
"""

from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Uuid,
    and_,
    bindparam,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from .actor import Actor
from .db import Base, table_of
from .filters import Form, Listed
from .resource import declared
from .sight import Deed, Seen
from .statement import TENANT

Conditions = list[ColumnElement[bool]]
WITHIN = bindparam("within", type_=ARRAY(Uuid()))


class Viewer(Base):
    """That a unit or a user sees a record, and changes it if it `writes`; tables of it name the
    record too. `source_id` is what makes it so, in the unit `unit_id`."""

    __abstract__ = True

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    viewer_id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=1)
    unit_id: Mapped[UUID] = mapped_column(sort_order=2)
    writes: Mapped[bool] = mapped_column(sort_order=3)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a caller's reach the SQL depends on."""

    deed: Deed
    limited: bool
    within: bool


@dataclass(frozen=True, slots=True)
class _Reached:
    """`scope` is the first word of the scopes that reach the records."""

    scope: str

    def of(self, actor: Actor, deed: Deed = "read") -> Seen | None:
        reach = actor.reach
        viewers = reach.viewers.get(f"{self.scope}:{deed}")
        if viewers is None and reach.within is None:
            return None
        form = Asked(deed, viewers is not None, reach.within is not None)
        told = {f"{self.scope}_{deed}": list(viewers or ()), "within": list(reach.within or ())}
        return Seen(self, form, told)

    def condition(self, table: FromClause, form: Form) -> ColumnElement[bool]:
        raise NotImplementedError

    def array(self, deed: Deed) -> ColumnElement[Any]:
        return bindparam(f"{self.scope}_{deed}", type_=ARRAY(Uuid()))


def is_reached(scope: str) -> bool:
    """Whether a right to read or change is one to the records of certain viewers."""
    noun, _, deed = scope.partition(":")
    sights = (noun.model.sight for noun in declared.values())
    reached = {sight.scope for sight in sights if isinstance(sight, _Reached)}
    return noun in reached and deed in get_args(Deed)


@dataclass(frozen=True, slots=True)
class ByViewers(_Reached):
    """Records that have a row in a table of viewers for each who sees them."""

    model: type[Viewer]
    record: str

    def condition(self, table: FromClause, form: Form) -> ColumnElement[bool]:
        return self.sees(table.c.id, form)

    def sees(self, id: ColumnElement[Any], form: Form) -> ColumnElement[bool]:
        """Whether the record is seen that an id means, in whatever column it stands."""
        assert isinstance(form, Asked)
        viewers = table_of(self.model)
        mine = select(viewers.c[self.record]).where(
            viewers.c.tenant_id == TENANT, viewers.c[self.record] == id
        )
        return mine.where(*self._passing(viewers, form)).correlate_except(viewers).exists()

    def reached(self, form: Form) -> ColumnElement[Any]:
        """The viewers themselves, as an array."""
        assert isinstance(form, Asked)
        return self.array(form.deed) if form.limited else WITHIN

    def rows_of(self, viewer: Any, form: Form) -> tuple[ColumnElement[Any], Conditions]:
        """The records of one viewer: their ids, which an index has in their order."""
        assert isinstance(form, Asked)
        viewers = table_of(self.model)
        mine = [viewers.c.tenant_id == TENANT, viewers.c.viewer_id == viewer]
        return viewers.c[self.record], [*mine, *self._in_place(viewers, form)]

    def _passing(self, viewers: FromClause, form: Asked) -> Conditions:
        passing = [viewers.c.viewer_id == self.array(form.deed).any_()] if form.limited else []
        return [*passing, *self._in_place(viewers, form)]

    def _in_place(self, viewers: FromClause, form: Asked) -> Conditions:
        passing: Conditions = [viewers.c.unit_id == WITHIN.any_()] if form.within else []
        return [*passing, viewers.c.writes] if form.deed == "write" else passing


@dataclass(frozen=True, slots=True)
class ByColumns(_Reached):
    """Records that name their unit and their users in columns, and others in a look-up table: by
    their own ids, or by those in the column `through`, of the records that they belong to."""

    unit: str
    users: tuple[str, ...]
    others: Listed | None = None
    through: str = "id"

    def condition(self, table: FromClause, form: Form) -> ColumnElement[bool]:
        assert isinstance(form, Asked)
        conditions = [self._reached(table, form.deed)] if form.limited else []
        conditions += [table.c[self.unit] == WITHIN.any_()] if form.within else []
        return and_(*conditions)

    def _reached(self, table: FromClause, deed: Deed) -> ColumnElement[bool]:
        viewers = self.array(deed).any_()
        named = [table.c[column] == viewers for column in (self.unit, *self.users)]
        if self.others is not None:
            named.append(self.others.has(table.c[self.through], lambda user: user == viewers))
        return or_(*named)
