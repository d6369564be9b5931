"""What leaves, and what is known of whom it goes to: read by whoever takes it there."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from crm_api.kit.context import Context

CHANNEL_OF = text(
    "SELECT channel_id FROM ticket_messages "
    "WHERE tenant_id = :tenant AND id = :message AND delivery = 'queued'"
)
LEAVING = text("""
SELECT m.id, m.ticket_id, m.channel, m.channel_id, m.text, m.html, m.is_automatic, m.created_at,
  m.delivery_attempts, t.number, t.subject, t.cc_emails, copied.addresses AS copied, c.name,
  heard.address, heard.external_id AS answered, point.value AS point, earlier.ids AS before
FROM ticket_messages m
JOIN tickets t ON t.tenant_id = m.tenant_id AND t.id = m.ticket_id
JOIN customers c ON c.tenant_id = t.tenant_id AND c.id = t.requester_id
LEFT JOIN LATERAL (
  SELECT address, external_id FROM ticket_messages h
  WHERE h.tenant_id = m.tenant_id AND h.ticket_id = m.ticket_id AND h.channel_id = m.channel_id
  AND h.customer_id = t.requester_id AND h.address IS NOT NULL AND h.created_at <= m.created_at
  ORDER BY h.created_at DESC, h.id DESC LIMIT 1
) heard ON true
LEFT JOIN LATERAL (
  SELECT p ->> 'value' AS value FROM jsonb_array_elements(c.contact_points) p
  WHERE p ->> 'kind' = CASE m.channel WHEN 'wechat' THEN 'wechat' ELSE 'email' END
  ORDER BY CAST(p ->> 'is_primary' AS boolean) DESC LIMIT 1
) point ON true
LEFT JOIN LATERAL (
  SELECT array_agg(e.external_id ORDER BY e.created_at, e.id) AS ids FROM (
    SELECT external_id, created_at, id FROM ticket_messages
    WHERE tenant_id = m.tenant_id AND ticket_id = m.ticket_id AND channel_id = m.channel_id
    AND id <> m.id AND is_public AND external_id IS NOT NULL AND created_at <= m.created_at
    ORDER BY created_at DESC, id DESC LIMIT 20
  ) e
) earlier ON true
LEFT JOIN LATERAL (
  SELECT array_agg(e.value ORDER BY e.value) AS addresses FROM ticket_copies k
  JOIN customers o ON o.tenant_id = k.tenant_id AND o.id = k.customer_id AND o.state = 'live'
  CROSS JOIN LATERAL (
    SELECT p ->> 'value' AS value FROM jsonb_array_elements(o.contact_points) p
    WHERE p ->> 'kind' = 'email' ORDER BY CAST(p ->> 'is_primary' AS boolean) DESC LIMIT 1
  ) e
  WHERE k.tenant_id = t.tenant_id AND k.ticket_id = t.id
) copied ON true
WHERE m.tenant_id = :tenant AND m.id = :message AND m.delivery = 'queued'""")
TO_ACKNOWLEDGE = text("""
SELECT t.id, t.number FROM ticket_messages m
JOIN tickets t ON t.tenant_id = m.tenant_id AND t.id = m.ticket_id
JOIN channels c ON c.tenant_id = m.tenant_id AND c.id = m.channel_id
WHERE m.tenant_id = :tenant AND m.id = :message AND m.address IS NOT NULL AND NOT m.is_automatic
AND t.message_count = 1 AND c.auto_ack AND c.state = 'live'
AND (c.smtp IS NOT NULL OR c.outbound_url IS NOT NULL) AND (
  SELECT count(*) FROM tickets o
  JOIN ticket_messages a ON a.tenant_id = o.tenant_id AND a.ticket_id = o.id
  WHERE o.tenant_id = t.tenant_id AND o.requester_id = t.requester_id AND a.is_automatic
  AND a.direction = 'out' AND a.is_public AND a.created_at > m.created_at - interval '1 day'
) < :most""")


class OutboundRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def channel_of(self, message: UUID) -> UUID | None:
        """By which a message is going to leave."""
        found = await self.ctx.work.rows(CHANNEL_OF, {"message": message})
        return found[0].channel_id if found else None

    async def leaving(self, message: UUID) -> Row[Any] | None:
        """A message on its way, and what is known of whom it goes to."""
        found = await self.ctx.work.rows(LEAVING, {"message": message})
        return found[0] if found else None

    async def to_acknowledge(self, message: UUID, most: int) -> Row[Any] | None:
        """The ticket that a message has begun, where its writer is to be told."""
        asked = {"message": message, "most": most}
        found = await self.ctx.work.rows(TO_ACKNOWLEDGE, asked)
        return found[0] if found else None
