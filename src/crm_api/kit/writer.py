"""Writes to one table: rows that change, and the events that tell of it."""

from typing import Any, Generic, TypeVar

from .db import Base, Entity, table_of
from .events import Event
from .projection import Written
from .reader import Reader
from .recording import record
from .ruled import check_change, check_new
from .schema import Read

M = TypeVar("M", bound=Entity)
R = TypeVar("R", bound=Read)


class Writer(Reader[R], Generic[M, R]):
    """Every change comes with the event that tells of it: both are written in one statement."""

    model: type[M]

    def add(self, event: type[Event], **values: Any) -> Written[R]:
        """A new row; its `id`, of `ctx.new_id()`, may be given. Raises FieldNotYours."""
        check_new(self.ctx.actor, self.read, values)
        id, now = values.pop("id", None) or self.ctx.new_id(), self.ctx.now
        row = {"id": id, **values, "created_at": now, "updated_at": now}
        self.ctx.work.stage("insert", table_of(self.model), row)
        record(self.ctx, self.read, event, id, 1)
        return Written(self.read, id, 1, "created")

    def rewrite(self, row: M, event: type[Event], **values: Any) -> Written[R]:
        """As `change`, with the look-up rows that follow from the values, where there are some."""
        return self.change(row, event, **values)

    def change(
        self, row: M, event: type[Event], why: str | None = None, /, **values: Any
    ) -> Written[R]:
        """New values for a loaded row, and why. What changes nothing is no event and no new
        version. Raises FieldNotYours."""
        check_change(self.ctx.actor, self.read, row, values)
        return self.bring_about(row, event, why, **values)

    def bring_about(
        self, row: M, event: type[Event], why: str | None = None, /, **values: Any
    ) -> Written[R]:
        """As `change`, by a rule of the product: roles have no say in it."""
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if not changed:
            return Written(self.read, row.id, row.version, "unchanged")
        changed |= {"version": row.version + 1, "updated_at": self.ctx.now}
        vars(row).update(changed)
        self.ctx.work.stage("update", table_of(self.model), {"id": row.id, **changed})
        record(self.ctx, self.read, event, row.id, row.version, why)
        return Written(self.read, row.id, row.version, "updated")

    def remove(self, row: M, event: type[Event]) -> None:
        """Delete a loaded row; only configuration is ever deleted."""
        self.ctx.work.stage("delete", table_of(self.model), {"id": row.id})
        record(self.ctx, self.read, event, row.id, row.version + 1)

    def link(self, model: type[Base], **row: Any) -> None:
        """A row of a table that belongs to this one."""
        self.ctx.work.stage("insert", table_of(model), row)

    def unlink(self, model: type[Base], **row: Any) -> None:
        self.ctx.work.stage("delete", table_of(model), row)
