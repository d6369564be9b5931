from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, TextClause, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import TIMESTAMP

from crm_api.kit.context import Context

TYPES: dict[str, Any] = {
    "tenant": Uuid(),
    "agent": Uuid(),
    "held": ARRAY(Uuid()),
    "users": ARRAY(Uuid()),
    "open": ARRAY(Text()),
    "now": TIMESTAMP(timezone=True, precision=3),
}


def _typed(sql: str) -> TextClause:
    return text(sql).bindparams(
        *(bindparam(name, type_=type) for name, type in TYPES.items() if f":{name}" in sql)
    )


GIVE = _typed("""UPDATE agent_loads l SET load = l.load + 1, last_taken_at = :now,
  turn = 1 + (SELECT max(turn) FROM agent_loads WHERE tenant_id = :tenant)
FROM agents a WHERE a.tenant_id = :tenant AND a.id = :agent
  AND l.tenant_id = :tenant AND l.agent_id = :agent AND l.load < a.capacity RETURNING l.agent_id""")
GIVE_BACK = _typed(
    "UPDATE agent_loads SET load = load + 1 "
    "WHERE tenant_id = :tenant AND agent_id = :agent RETURNING agent_id"
)
RELEASE = _typed(
    "UPDATE agent_loads SET load = load - 1 "
    "WHERE tenant_id = :tenant AND agent_id = :agent AND load > 0 RETURNING agent_id"
)
HOLD = _typed(
    "SELECT agent_id FROM agent_loads WHERE tenant_id = :tenant AND agent_id = ANY(:held) "
    "ORDER BY agent_id FOR NO KEY UPDATE"
)
OF_USERS = _typed(
    "SELECT id, user_id FROM agents WHERE tenant_id = :tenant AND user_id = ANY(:users)"
)
RECOUNT = _typed("""UPDATE agent_loads l SET load = (SELECT count(*) FROM tickets t
  WHERE t.tenant_id = :tenant AND t.assignee_id = a.user_id AND t.category = ANY(:open))
FROM agents a WHERE a.tenant_id = :tenant
  AND (CAST(:users AS uuid[]) IS NULL OR a.user_id = ANY(:users))
  AND l.tenant_id = :tenant AND l.agent_id = a.id RETURNING l.agent_id""")


class LoadRepository:
    """How many open tickets agents have: counted with each that comes or goes."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def give(self, agent: UUID) -> bool:
        """He has one more, if he may; without a look at whether he is there."""
        return bool(await self._rows(GIVE, agent=agent, now=self.ctx.now))

    async def give_back(self, agent: UUID) -> None:
        """He has one more again, however many he has."""
        await self._rows(GIVE_BACK, agent=agent)

    async def release(self, agent: UUID) -> None:
        """He has one less, if he has any."""
        await self._rows(RELEASE, agent=agent)

    async def recount(self, users: Collection[UUID] | None, open: Collection[str]) -> None:
        """They, or all agents, have as many as there are of theirs in such categories."""
        await self._rows(RECOUNT, users=None if users is None else list(users), open=list(open))

    async def hold(self, agents: Collection[UUID]) -> None:
        """Nobody else changes what they have until the commit; all hold several in one order."""
        await self._rows(HOLD, held=list(agents))

    async def of_users(self, users: Collection[UUID]) -> dict[UUID, UUID]:
        """Which agents they are, those who are one."""
        return {row.user_id: row.id for row in await self._rows(OF_USERS, users=list(users))}

    async def _rows(self, statement: TextClause, **asked: Any) -> Sequence[Any]:
        return await self.ctx.work.rows(statement, asked)
