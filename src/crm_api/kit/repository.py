"""The only door to a table, already narrowed to one tenant."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import select

from .alone import counted
from .conflicts import expect
from .context import Context
from .db import Base, Entity, detached, table_of
from .errors import Archived, NotFound, OutOfReach
from .events import Event
from .projection import Written, locked
from .reader import Reader
from .recording import record
from .resource import Resource
from .ruled import check_change, check_new
from .schema import Read
from .sight import Seen, bound, seen_by, visible

M = TypeVar("M", bound=Entity)
R = TypeVar("R", bound=Read)


class Repository(Reader[R], Generic[M, R]):
    """Reads are documents; a row is only loaded to be changed.

    Every change comes with the event that tells of it: both are written in one statement.
    """

    model: type[M]
    noun: Resource

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.changeable = seen_by(ctx.actor, self.model, "write")

    async def load(self, id: UUID) -> M:
        """The row itself, locked, for a change; `If-Match` is checked here. Raises NotFound, and
        OutOfReach for a record that the caller sees and may not change."""
        row = await self.mine(id)
        await expect(self.ctx, row)
        return row

    async def mine(self, id: UUID) -> M:
        """As `load`, whatever the caller has seen."""
        rows = await self.load_all([id])
        if not rows:
            await self.get(id)
            raise OutOfReach
        return rows[0]

    async def editable(self, id: UUID) -> M:
        """As `load`. Raises Conflict for an archived record: that is read, not changed."""
        row = await self.load(id)
        if vars(row)["state"] == "archived":
            raise Archived
        return row

    async def hold(self, id: UUID) -> None:
        """The record is there and live until the commit. Raises NotFound, Archived."""
        table = table_of(self.model)
        mine = (*visible(table, self.seen), table.c.id == id)
        held = select(table.c.state).where(*mine).with_for_update(read=True)
        found = await self.ctx.work.rows(held, bound(self.seen))
        if not found:
            raise NotFound
        if found[0].state == "archived":
            raise Archived

    async def move(
        self, id: UUID, state: StrEnum, event: type[Event], by: str = "", **values: Any
    ) -> Written[R]:
        """Take a record to a state that its noun allows it from here; where several verbs lead
        there, by this one. Raises InvalidTransition."""
        row = await self.load(id)
        field, machine = self.noun.machine_of(state)
        machine.check(vars(row)[field], state, by=by)
        return self.rewrite(row, event, **{field: state}, **values)

    async def counted(self, **values: object) -> int:
        """How many rows have these values; who asks the same waits until this work has ended."""
        return await counted(self.ctx, table_of(self.model), **values)

    async def load_all(self, ids: Sequence[UUID]) -> list[M]:
        """Rows that the caller may change, locked in the order of their ids, as all lock them."""
        return await self._locked(ids, self.changeable)

    async def _locked(self, ids: Sequence[UUID], seen: Seen | None) -> list[M]:
        wanted = locked(self.read, seen)
        found = await self.ctx.work.rows(wanted, {"ids": list(ids), **bound(seen)})
        return [self._row(dict(row._mapping)) for row in found]

    def _row(self, values: dict[str, Any]) -> M:
        """Whoever waited for the lock changes the row after the one that he waited for."""
        self.ctx.work.before[values["id"]] = values.pop("before_")
        self.ctx.now = max(self.ctx.now, values["updated_at"])
        return detached(self.model, values)

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

    def change(self, row: M, event: type[Event], **values: Any) -> Written[R]:
        """New values for a loaded row. What changes nothing is no event and no new version.

        Raises FieldNotYours."""
        check_change(self.ctx.actor, self.read, row, values)
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if not changed:
            return Written(self.read, row.id, row.version, "unchanged")
        changed |= {"version": row.version + 1, "updated_at": self.ctx.now}
        vars(row).update(changed)
        self.ctx.work.stage("update", table_of(self.model), {"id": row.id, **changed})
        record(self.ctx, self.read, event, row.id, row.version)
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

    async def tell(self, id: UUID, event: type[Event], reason: str) -> Written[R]:
        """That something was done with a record which stays as it is, and why. Raises NotFound."""
        rows = await self._locked([id], self.seen)
        if not rows:
            raise NotFound
        await expect(self.ctx, rows[0], explained=False)
        self.ctx.work.stage("leave", table_of(self.model), {"id": id})
        record(self.ctx, self.read, event, id, rows[0].version, reason)
        return Written(self.read, id, rows[0].version, "unchanged")
