from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from crm_api.features.profiles.unit_profiles.queries import Contacts
from crm_api.kit.context import Context
from crm_api.kit.events import Event, following
from crm_api.kit.repository import Repository

from .queries import Pair, pair_of

ALONE = (
    "SELECT customer_id, pg_advisory_xact_lock(hashtextextended(concat_ws('|', 'contacts', "
    "CAST(:tenant AS uuid), customer_id), 0)) FROM (SELECT customer_id FROM {table} "
    "WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS uuid[])) "
    "UNION SELECT unnest(CAST(:customers AS uuid[])) ORDER BY 1) c WHERE customer_id IS NOT NULL"
)
LAST = (
    "SELECT max(contacted_at) FROM {table} WHERE tenant_id = :tenant AND customer_id = :customer "
    "AND business_unit_id = :unit AND id <> :mine"
)
OF_PAIR = (
    "FROM {table} WHERE tenant_id = :tenant AND customer_id = pair.customer "
    "AND business_unit_id = pair.unit"
)
JUDGED = (
    "SELECT pair.customer, pair.unit, l.last, ARRAY("
    f"SELECT id {OF_PAIR} AND due_at IS NULL AND next_contact_at IS NOT NULL "
    "AND done_at IS NOT NULL AND happens_at >= coalesce(l.last, '-infinity') "
    f"UNION ALL SELECT id {OF_PAIR} AND due_at IS NOT NULL AND done_at < l.last) AS wrong "
    "FROM unnest(CAST(:customers AS uuid[]), CAST(:units AS uuid[])) AS pair(customer, unit) "
    f"CROSS JOIN LATERAL (SELECT max(contacted_at) AS last {OF_PAIR}) l"
)


class LastContactRepository:
    """Of records of a noun that have columns for it: `contacted_at` is when the customer was, null
    where it was not; something is due at `due_at` by what is done, or at `next_contact_at`."""

    def __init__(self, ctx: Context, records: Repository[Any, Any]) -> None:
        self.ctx, self.records = ctx, records
        table = records.model.__tablename__
        self.sql = {sql: text(sql.format(table=table)) for sql in (ALONE, LAST, JUDGED)}

    async def alone(self, ids: Iterable[UUID], customers: Iterable[UUID | None]) -> set[UUID]:
        """Whose last contact nobody else changes until the commit: customers of these records, and
        others. Comes before any row in the order of locks."""
        asked = {"ids": list(ids), "customers": list(customers)}
        return {row.customer_id for row in await self.ctx.work.rows(self.sql[ALONE], asked)}

    async def last(self, pair: Pair, mine: UUID) -> datetime | None:
        """By any other record."""
        asked = {"customer": pair[0], "unit": pair[1], "mine": mine}
        found: datetime | None = (await self.ctx.work.rows(self.sql[LAST], asked))[0][0]
        return found

    async def judge(
        self, touched: Mapping[Pair, Event], changed: type[Event]
    ) -> tuple[Contacts, dict[UUID, int]]:
        """The last contacts; and the versions of records by which something was due though it is
        past, or nothing though it is not: they are set right."""
        customers, units = zip(*touched, strict=True)
        asked = {"customers": list(customers), "units": list(units)}
        found = await self.ctx.work.rows(self.sql[JUDGED], asked)
        versions = {}
        for row in await self.records.load_any([id for pair in found for id in pair.wrong]):
            due = None if row.due_at else row.next_contact_at
            with following(self.ctx, touched[pair_of(vars(row))]):
                written = self.records.bring_about(row, changed, due_at=due)
            versions[row.id] = written.version
        last = {(pair.customer, pair.unit): pair.last for pair in found if pair.last}
        return {pair: (at, touched[pair]) for pair, at in last.items()}, versions
