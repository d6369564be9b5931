"""The only door to a table, already narrowed to one tenant."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import func, select, text

from .conflicts import expect
from .db import Base, Entity, detached, table_of
from .errors import Archived, NotFound
from .events import Event
from .journal import Recorded
from .projection import Written, locked
from .reader import Reader
from .resource import Resource
from .schema import Read
from .sight import bound, visible
from .statement import TENANT

ALONE = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(concat_ws('|', CAST(:tenant AS uuid), "
    "CAST(:whom AS text)), 0))"
)
M = TypeVar("M", bound=Entity)
R = TypeVar("R", bound=Read)


class Repository(Reader[R], Generic[M, R]):
    """Reads are documents; a row is only loaded to be changed.

    Every change comes with the event that tells of it: both are written in one statement.
    """

    model: type[M]
    noun: Resource

    async def load(self, id: UUID) -> M:
        """The row itself, locked, for a change; `If-Match` is checked here."""
        rows = await self.load_all([id])
        if not rows:
            raise NotFound
        await expect(self.ctx, rows[0])
        return rows[0]

    async def editable(self, id: UUID) -> M:
        """As `load`. Raises Conflict for an archived record: that is read, not changed."""
        row = await self.load(id)
        self._check_live(vars(row)["state"])
        return row

    async def hold(self, id: UUID) -> None:
        """The record is there and live until the commit, for what is going to refer to it.

        Raises NotFound, and Conflict for an archived record.
        """
        table = table_of(self.model)
        mine = (*visible(table, self.seen), table.c.id == id)
        held = select(table.c.state).where(*mine).with_for_update(read=True)
        found = await self.ctx.work.rows(held, bound(self.seen))
        if not found:
            raise NotFound
        self._check_live(found[0].state)

    async def move(self, id: UUID, state: str, event: type[Event], **values: Any) -> Written[R]:
        """Take a record to a state that its noun allows it from here."""
        row = await self.load(id)
        self.noun.check_transition(vars(row)["state"], state)
        return self.rewrite(row, event, state=state, **values)

    async def counted(self, **values: str) -> int:
        """How many rows have these values. Who asks the same waits until this work has ended, so
        that no two find the last place free."""
        table = table_of(self.model)
        await self.ctx.work.rows(ALONE, {"whom": "|".join((table.name, *values.values()))})
        same = [table.c[name] == value for name, value in values.items()]
        there = select(func.count()).where(table.c.tenant_id == TENANT, *same)
        return int((await self.ctx.work.rows(there, {}))[0][0])

    async def load_all(self, ids: Sequence[UUID]) -> list[M]:
        """Rows, locked in the order of their ids, as all who lock several do."""
        wanted = locked(self.read, self.seen)
        found = await self.ctx.work.rows(wanted, {"ids": list(ids), **bound(self.seen)})
        return [self._row(dict(row._mapping)) for row in found]

    def _check_live(self, state: str) -> None:
        if state == "archived":
            raise Archived

    def _row(self, values: dict[str, Any]) -> M:
        """Whoever waited for the lock changes the row after the one that he waited for."""
        self.ctx.work.before[values["id"]] = values.pop("before_")
        self.ctx.now = max(self.ctx.now, values["updated_at"])
        return detached(self.model, values)

    def add(self, event: type[Event], **values: Any) -> Written[R]:
        """A new row; its `id`, of `ctx.new_id()`, may be given."""
        id, now = values.pop("id", None) or self.ctx.new_id(), self.ctx.now
        row = {"id": id, **values, "created_at": now, "updated_at": now}
        self.ctx.work.stage("insert", table_of(self.model), row)
        self._tell(event, id, 1)
        return Written(self.read, id, 1, "created")

    def rewrite(self, row: M, event: type[Event], **values: Any) -> Written[R]:
        """As `change`, with the look-up rows that follow from the values, where there are some."""
        return self.change(row, event, **values)

    def change(self, row: M, event: type[Event], **values: Any) -> Written[R]:
        """New values for a loaded row. What changes nothing is no event and no new version."""
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if not changed:
            return Written(self.read, row.id, row.version, "unchanged")
        changed |= {"version": row.version + 1, "updated_at": self.ctx.now}
        vars(row).update(changed)
        self.ctx.work.stage("update", table_of(self.model), {"id": row.id, **changed})
        self._tell(event, row.id, row.version)
        return Written(self.read, row.id, row.version, "updated")

    def remove(self, row: M, event: type[Event]) -> None:
        """Delete a loaded row; only configuration is ever deleted."""
        self.ctx.work.stage("delete", table_of(self.model), {"id": row.id})
        self._tell(event, row.id, row.version + 1)

    def link(self, model: type[Base], **row: Any) -> None:
        """A row of a table that belongs to this one."""
        self.ctx.work.stage("insert", table_of(model), row)

    def unlink(self, model: type[Base], **row: Any) -> None:
        self.ctx.work.stage("delete", table_of(model), row)

    def _tell(self, kind: type[Event], id: UUID, version: int) -> None:
        event = kind(id, depth=self.ctx.cause.next if self.ctx.cause else 0)
        self.ctx.work.record(self._recorded(event, version), self.read)
        self.ctx.emit(event)

    def _recorded(self, event: Event, version: int) -> Recorded:
        return {
            "id": event.id,
            "type": event.type,
            "schema_version": event.schema_version,
            "object_id": event.object_id,
            "version": version,
            "actor_id": self.ctx.actor.id,
            "user_id": self.ctx.actor.user_id,
            "request_id": self.ctx.request_id,
            "causation_id": self.ctx.cause.id if self.ctx.cause else None,
            "causation_depth": event.depth,
            "created_at": self.ctx.now,
            "before": self.ctx.work.before.get(event.object_id),
        }
