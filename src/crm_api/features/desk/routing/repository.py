from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, TextClause, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import TIMESTAMP

from crm_api.features.desk.queues.schemas import Strategy
from crm_api.kit.context import Context

from .rules import Member

MEMBERS = """FROM queue_members m
  JOIN agents a ON a.tenant_id = m.tenant_id AND a.id = m.agent_id
  JOIN agent_loads l ON l.tenant_id = m.tenant_id AND l.agent_id = m.agent_id
  JOIN users u ON u.tenant_id = a.tenant_id AND u.id = a.user_id
WHERE m.tenant_id = :tenant AND m.queue_id = :queue"""
CAN = (
    "a.state = 'live' AND u.state = 'active' AND a.presence = 'online' AND l.load < a.capacity "
    "AND a.skills @> :skills"
)
TURNS = {
    Strategy.round_robin: "l.turn, l.agent_id",
    Strategy.least_load: "l.load::float8 / nullif(a.capacity, 0), l.turn, l.agent_id",
}
GIVE = """WITH chosen AS ({chosen} FOR NO KEY UPDATE OF l FOR SHARE OF a)
UPDATE agent_loads given SET load = given.load + 1, last_taken_at = :now,
  turn = 1 + (SELECT max(turn) FROM agent_loads WHERE tenant_id = :tenant)
FROM chosen WHERE given.tenant_id = :tenant AND given.agent_id = chosen.agent_id
RETURNING given.agent_id"""
TYPES: dict[str, Any] = {
    "tenant": Uuid(),
    "queue": Uuid(),
    "agent": Uuid(),
    "skills": ARRAY(Text()),
    "now": TIMESTAMP(timezone=True, precision=3),
}


def _typed(sql: str) -> TextClause:
    return text(sql).bindparams(
        *(bindparam(n, type_=t) for n, t in TYPES.items() if f":{n}" in sql)
    )


TAKE = {
    way: _typed(
        GIVE.format(chosen=f"SELECT l.agent_id {MEMBERS} AND {CAN} ORDER BY {turns} LIMIT 1")
    )
    for way, turns in TURNS.items()
}
USER = _typed("SELECT user_id FROM agents WHERE tenant_id = :tenant AND id = :agent")
QUEUE = _typed(
    "SELECT strategy FROM queues WHERE tenant_id = :tenant AND id = :queue AND state = 'live' "
    "FOR NO KEY UPDATE"
)
SHOWN = {
    way: _typed(
        "SELECT m.agent_id, a.state = 'live' AS live, u.state = 'active' AS enabled, a.presence, "
        f"l.load, a.capacity, a.skills {MEMBERS} ORDER BY {turns}"
    )
    for way, turns in TURNS.items()
}


class RoutingRepository:
    """Whose turn it is, and how much each has: what is chosen by is locked until the commit."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def alone_with(self, queue: UUID) -> Strategy | None:
        """How a live queue gives tickets; nobody else is given one of it until the commit."""
        found = await self._rows(QUEUE, queue=queue)
        return Strategy(found[0].strategy) if found else None

    async def take(self, queue: UUID, way: Strategy, skills: Collection[str]) -> UUID | None:
        """Whoever's turn it is has one ticket more."""
        return await self._one(TAKE[way], queue=queue, skills=list(skills), now=self.ctx.now)

    async def user_of(self, agent: UUID) -> UUID:
        (found,) = await self._rows(USER, agent=agent)
        user: UUID = found.user_id
        return user

    async def members(self, queue: UUID, way: Strategy) -> list[Member]:
        """In the order of their turns."""
        found = await self._rows(SHOWN[way], queue=queue)
        return [Member(**{**row._mapping, "skills": frozenset(row.skills)}) for row in found]

    async def _one(self, statement: TextClause, **asked: Any) -> UUID | None:
        found = await self._rows(statement, **asked)
        return found[0].agent_id if found else None

    async def _rows(self, statement: TextClause, **asked: Any) -> Sequence[Any]:
        return await self.ctx.work.rows(statement, asked)
