"""Chains and checkpoints of all tenants: for operators, outside any tenant."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text

from crm_api.kit.context import House
from crm_api.kit.db import table_of
from crm_api.platform.journal.rules import Place

from .models import Checkpoint
from .rules import Finding
from .verifier import Verdict, Verifier

CHECKPOINTS = table_of(Checkpoint)
TENANT = text("SELECT set_config('app.tenant', :tenant, true)")
AT_ONCE = 1000
SINCE = (
    select(CHECKPOINTS)
    .where(
        CHECKPOINTS.c.tenant_id == bindparam("tenant_id"),
        CHECKPOINTS.c.sequence > bindparam("after"),
        CHECKPOINTS.c.created_at >= bindparam("since"),
    )
    .order_by(CHECKPOINTS.c.sequence)
    .limit(AT_ONCE)
)


class AuditRegistry:
    def __init__(self, house: House) -> None:
        self.house = house

    async def verify(self, tenant: UUID) -> Verdict:
        async with self.house.pool.line() as line:
            return await Verifier(line.driver, tenant).verify()

    async def compare(self, tenant: UUID, kept: Sequence[Place]) -> Finding | None:
        """The first of some checkpoints that the chain does not bear out."""
        async with self.house.pool.line() as line:
            return await Verifier(line.driver, tenant).compare(kept)

    async def checkpoints(self, tenant: UUID, since: datetime) -> AsyncIterator[Row[Any]]:
        """`tenant_id, sequence, hash, created_at`, in their order."""
        asked: dict[str, Any] = {"tenant_id": tenant, "since": since, "after": 0}
        while rows := await self._page(tenant, asked):
            for row in rows:
                yield row
            asked["after"] = rows[-1].sequence

    async def _page(self, tenant: UUID, asked: dict[str, Any]) -> list[Row[Any]]:
        async with self.house.pool.line() as line, line.driver.transaction():
            await line.orm.execute(TENANT, {"tenant": str(tenant)})
            return list(await line.orm.execute(SINCE, asked))
