from collections import defaultdict
from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from crm_api.kit.context import Context
from crm_api.kit.keepers import keeper, updated
from crm_api.kit.sight import bound
from crm_api.platform.users.belongings import Belongings, Shared, Sole

from . import statements


@dataclass(frozen=True, slots=True)
class Held:
    """A locked record; whether it is changed, or only read, and what it stands in or below."""

    row: Any
    live: bool
    above: Set[UUID]


class HandoverRepository:
    """Records of a noun by the users who have a role in them, changed by whoever keeps them."""

    def __init__(self, ctx: Context, of: Belongings) -> None:
        self.ctx, self.of = ctx, of
        self.records = keeper(of.noun)(ctx)
        self.updated = updated(of.noun)
        self.seen = self.records.seen

    async def counted(
        self, role: Sole | Shared, user: UUID, apart: Sequence[UUID]
    ) -> Sequence[Row[Any]]:
        """`unit`, `itself`, `live` and how many `records`; those `apart` come one by one."""
        asked = {"user": user, "ids": list(apart), **bound(self.seen)}
        return await self.ctx.work.rows(statements.counted(self.of, role, self.seen), asked)

    async def next_ids(self, role: Sole | Shared, user: UUID, after: UUID, most: int) -> list[UUID]:
        asked = {"user": user, "after": after, **bound(self.seen)}
        found = statements.next_ids(self.of, role, self.seen, most)
        return [row.id for row in await self.ctx.work.rows(found, asked)]

    async def locked(self, ids: Sequence[UUID]) -> list[Held]:
        """The records as they are until the commit."""
        asked = {"ids": list(ids)}
        if self.of.of is not None:
            await self.ctx.work.rows(statements.held(self.of, self.of.of), asked)
        rows = await self.records.load_all(ids)
        live = {row.id for row in await self.ctx.work.rows(statements.live(self.of), asked)}
        above = await self.above({self._unit(row) for row in rows} - {None})
        return [Held(row, row.id in live, above.get(self._unit(row), set())) for row in rows]

    def change(self, row: Any, values: dict[str, Any]) -> None:
        self.records.rewrite(row, self.updated, **values)

    async def above(self, units: Collection[UUID]) -> dict[UUID, set[UUID]]:
        """Of each unit itself and those above it, today."""
        found: defaultdict[UUID, set[UUID]] = defaultdict(set)
        for row in await self.ctx.work.rows(statements.ABOVE, {"ids": list(units)}):
            found[row.unit_id].add(row.ancestor_id)
        return found

    def _unit(self, row: Any) -> Any:
        return None if self.of.unit is None else getattr(row, self.of.unit.key)
