"""Sight through another record: who may change that one sees all that is asked about it."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, or_, select

from .actor import Actor
from .db import Base, table_of
from .filters import Form
from .reach import ByColumns, ByViewers
from .resource import Resource
from .sight import Deed, Seen, seen_by, visible
from .statement import TENANT


@dataclass(frozen=True, slots=True, kw_only=True)
class ByColumnsOrThrough(ByColumns):
    """Records that are seen by their own unit and users, and by whoever may change the record that
    they name in `named`, which `other` sees."""

    named: str
    other: ByViewers

    def of(self, actor: Actor, deed: Deed = "read") -> Seen | None:
        own, scope = ByColumns.of(self, actor, deed), f"{self.other.scope}:write"
        if own is None:
            return None
        if not actor.may([scope]):
            return Seen(self, (own.form, None), own.bound)
        there = self.other.of(actor, "write")
        if there is None:
            return None
        return Seen(self, (own.form, there.form), {**own.bound, **there.bound})

    def condition(self, table: FromClause, form: Form) -> ColumnElement[bool]:
        assert isinstance(form, tuple)
        own, there = form
        mine = ByColumns.condition(self, table, own)
        return or_(mine, self.other.sees(table.c[self.named], there)) if there else mine


def about(noun: Resource, scope: str, unit: str, *users: str) -> ByColumnsOrThrough:
    """What is asked and decided about records of a noun, which `{noun}_id` names."""
    other = noun.model.sight
    assert isinstance(other, ByViewers)
    return ByColumnsOrThrough(scope, unit, users, named=f"{noun.word}_id", other=other)


@dataclass(frozen=True, slots=True)
class ByRecord:
    """Rows that are seen by whoever sees the record that they name in `named`, and changed by
    whoever may change it; or that one which goes on in its place, where it names one in `heir`."""

    model: type[Base]
    named: str
    heir: str | None = None

    def of(self, actor: Actor, deed: Deed = "read") -> Seen | None:
        there = seen_by(actor, self.model, deed)
        return there and Seen(self, there, there.bound)

    def condition(self, table: FromClause, form: Form) -> ColumnElement[bool]:
        assert isinstance(form, Seen)
        record = table_of(self.model).alias()
        mine = select(record.c.id).where(*visible(record, form))
        return mine.where(self._is(record, table)).correlate_except(record).exists()

    def _is(self, record: FromClause, table: FromClause) -> ColumnElement[bool]:
        named = table.c[self.named]
        if self.heir is None:
            return record.c.id == named
        gone = table_of(self.model).alias()
        heir = select(gone.c[self.heir]).where(gone.c.tenant_id == TENANT, gone.c.id == named)
        return record.c.id.in_([named, heir.correlate_except(gone).scalar_subquery()])
