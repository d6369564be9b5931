"""The only door to a table, already narrowed to one tenant."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from .alone import counted
from .conflicts import expect
from .context import Context
from .db import detached, table_of
from .errors import Archived, NotFound, OutOfReach
from .events import Event
from .looking import held_of
from .projection import Written, locked
from .recording import record
from .resource import Resource
from .sight import Seen, bound, seen_by
from .writer import M, R, Writer


class Repository(Writer[M, R]):
    """Reads are documents; a row is only loaded to be changed."""

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
        found = await held_of(self.ctx, self.model, [id], "state")
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

    async def load_any(self, ids: Sequence[UUID]) -> list[M]:
        """The same of all rows, for what a rule of the product brings about, whoever calls."""
        return await self._locked(ids, None)

    async def _locked(self, ids: Sequence[UUID], seen: Seen | None) -> list[M]:
        wanted = locked(self.read, seen)
        found = await self.ctx.work.rows(wanted, {"ids": list(ids), **bound(seen)})
        return [self._row(dict(row._mapping)) for row in found]

    def _row(self, values: dict[str, Any]) -> M:
        """Whoever waited for the lock changes the row after the one that he waited for."""
        self.ctx.work.before[values["id"]] = values.pop("before_")
        self.ctx.now = max(self.ctx.now, values["updated_at"])
        return detached(self.model, values)

    async def tell(self, id: UUID, event: type[Event], reason: str) -> Written[R]:
        """That something was done with a record which stays as it is, and why. Raises NotFound."""
        rows = await self._locked([id], self.seen)
        if not rows:
            raise NotFound
        await expect(self.ctx, rows[0], explained=False)
        self.ctx.work.stage("leave", table_of(self.model), {"id": id})
        record(self.ctx, self.read, event, id, rows[0].version, reason)
        return Written(self.read, id, rows[0].version, "unchanged")
