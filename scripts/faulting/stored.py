"""What the database says in the end, read past all policies."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

JOURNAL = """
SELECT e.object_id, e.version, v.data, v.changes
FROM events e LEFT JOIN event_values v ON v.tenant_id = e.tenant_id AND v.event_id = e.id
WHERE e.tenant_id = $1 AND e.type LIKE 'customer.%' ORDER BY e.object_id, e.version"""
RECORDS = "SELECT id, version, name, tags FROM customers WHERE tenant_id = $1"
KEPT = "SELECT key, status, body, version, location FROM idempotency_keys WHERE tenant_id = $1"
TORN = """
WITH ids AS (
  SELECT id, s.key AS system, s.value FROM customers, jsonb_each_text(external_ids) s
  WHERE tenant_id = $1
), indexed AS (
  SELECT object_id, system, value FROM external_ids WHERE tenant_id = $1
), points AS (
  SELECT id, p->>'kind', p->>'value' FROM customers, jsonb_array_elements(contact_points) p
  WHERE tenant_id = $1
  UNION SELECT id, 'tag', t FROM customers, unnest(tags) t WHERE tenant_id = $1
), keys AS (
  SELECT customer_id, kind, value FROM customer_keys WHERE tenant_id = $1
)
(TABLE ids EXCEPT TABLE indexed) UNION ALL (TABLE indexed EXCEPT TABLE ids) UNION ALL
(TABLE points EXCEPT TABLE keys) UNION ALL (TABLE keys EXCEPT TABLE points)"""


@dataclass(frozen=True, slots=True)
class Told:
    """An event: the version it tells of, and the record as it was then."""

    object_id: UUID
    version: int
    data: str | None
    changes: dict[str, dict[str, Any]] | None

    def marks(self) -> set[str]:
        """Texts that came with this change."""
        return self.names() | self.tags()

    def names(self) -> set[str]:
        if self.changes is None:
            return {json.loads(self.data or "{}").get("name", "")}
        return {self.changes["name"]["new"]} if "name" in self.changes else set()

    def tags(self) -> set[str]:
        if self.changes is None or "tags" not in self.changes:
            return set()
        return set(self.changes["tags"]["new"]) - set(self.changes["tags"]["old"])


@dataclass
class Stored:
    journal: list[Told]
    records: dict[UUID, asyncpg.Record]
    kept: dict[str, asyncpg.Record]
    torn: list[asyncpg.Record]
    marks: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for told in self.journal:
            self.marks.update(told.marks())

    def by_object(self) -> dict[UUID, list[Told]]:
        found: dict[UUID, list[Told]] = {}
        for told in self.journal:
            found.setdefault(told.object_id, []).append(told)
        return found


async def read(database: "asyncpg.Connection[asyncpg.Record]", tenant: UUID) -> Stored:
    journal = [
        Told(row["object_id"], row["version"], row["data"], json.loads(row["changes"] or "null"))
        for row in await database.fetch(JOURNAL, tenant)
    ]
    records = {row["id"]: row for row in await database.fetch(RECORDS, tenant)}
    kept = {row["key"]: row for row in await database.fetch(KEPT, tenant)}
    return Stored(journal, records, kept, await database.fetch(TORN, tenant))
