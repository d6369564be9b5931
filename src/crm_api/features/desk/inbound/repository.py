"""What has been said before, and by whom: looked up for what comes in, whoever hands it in."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Executable, text

from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.context import Context

from .rules import Thread

OF_MESSAGES = text(
    "SELECT ticket_id AS id FROM ticket_messages m WHERE tenant_id = :tenant AND is_public AND "
    "(id = ANY(CAST(:ours AS uuid[])) OR (external_id = ANY(CAST(:named AS text[])) "
    "AND (channel_id = :channel OR channel = 'email'))) "
    "ORDER BY id = ANY(CAST(:ours AS uuid[])) DESC, "
    "array_position(CAST(:ours AS uuid[]), id), "
    "array_position(CAST(:named AS text[]), external_id), created_at DESC LIMIT 1"
)
MENTIONED = text(
    "SELECT id FROM tickets WHERE tenant_id = :tenant AND number = ANY(CAST(:numbers AS text[])) "
    "AND (requester_id = :customer OR :known = ANY(cc_ids) OR :address = ANY(cc_emails)) "
    "ORDER BY created_at DESC, id DESC LIMIT 1"
)
GOES_ON = text(
    "SELECT id FROM tickets WHERE tenant_id = :tenant AND requester_id = :customer "
    "AND channel_id = :channel AND category <> 'closed' AND merged_into_id IS NULL "
    "ORDER BY created_at DESC, id DESC LIMIT 1"
)
ABOVE_ALL = text(
    "SELECT id FROM business_units WHERE tenant_id = :tenant AND state = 'live' "
    "ORDER BY parent_id IS NOT NULL, created_at, id LIMIT 1"
)


class InboundRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def ticket_of(self, thread: Thread, channel: UUID) -> UUID | None:
        """By the messages that are named."""
        asked = {"ours": list(thread.ours), "named": list(thread.named), "channel": channel}
        return await self._one(OF_MESSAGES, asked) if thread.ours or thread.named else None

    async def mentioned(self, numbers: Sequence[str], customer: UUID, address: str) -> UUID | None:
        """A ticket by its number, in which the customer takes part."""
        known = CUSTOMER.prefix.write(customer)
        asked = {"numbers": list(numbers), "customer": customer, "known": known}
        return await self._one(MENTIONED, {**asked, "address": address}) if numbers else None

    async def goes_on(self, customer: UUID, channel: UUID) -> UUID | None:
        """The newest ticket of a customer by a channel that is not over."""
        return await self._one(GOES_ON, {"customer": customer, "channel": channel})

    async def above_all(self) -> UUID | None:
        """The business unit above all others; the oldest of several."""
        return await self._one(ABOVE_ALL, {})

    async def _one(self, asked: Executable, values: Mapping[str, object]) -> UUID | None:
        found = await self.ctx.work.rows(asked, values)
        id: UUID | None = found[0].id if found else None
        return id
