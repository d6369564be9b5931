"""Customers by how they write, whoever hands it in."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Executable, text

from crm_api.kit.alone import alone
from crm_api.kit.context import Context

FOUND = text(
    "SELECT c.id FROM customer_keys k JOIN customers c "
    "ON c.tenant_id = k.tenant_id AND c.id = k.customer_id "
    "WHERE k.tenant_id = :tenant AND k.kind = :kind AND k.value = :value AND c.state = 'live' "
    "ORDER BY c.created_at, c.id LIMIT 1"
)
WROTE = text(
    "SELECT c.id FROM ticket_messages m JOIN customers c "
    "ON c.tenant_id = m.tenant_id AND c.id = m.customer_id "
    "WHERE m.tenant_id = :tenant AND m.channel_id = :channel AND m.address = :address "
    "AND c.state = 'live' ORDER BY m.id DESC LIMIT 1"
)


class RequesterRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def found(self, kind: str, value: str) -> UUID | None:
        """The live customer, of several the oldest; whoever looks for the same waits until this
        work has ended."""
        await alone(self.ctx, "requester", kind, value)
        return await self._one(FOUND, {"kind": kind, "value": value})

    async def wrote(self, channel: UUID, address: str) -> UUID | None:
        """The live customer who has last written from an address of the channel; as above."""
        await alone(self.ctx, "writer", channel, address)
        return await self._one(WROTE, {"channel": channel, "address": address})

    async def _one(self, asked: Executable, values: Mapping[str, object]) -> UUID | None:
        found = await self.ctx.work.rows(asked, values)
        id: UUID | None = found[0].id if found else None
        return id
