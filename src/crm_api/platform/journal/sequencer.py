"""Numbers the events of each tenant, after they are committed: 1, 2, 3, without a gap; and
chains them, so that whoever changes or removes one later is found.

Inside the business transaction, both would make all writers of a tenant wait for one another.
What counts is the row that has no number yet, never a position reached, so no event is passed by.
"""

from typing import Any
from uuid import UUID

from asyncpg import Connection, Record

from crm_api.kit.pool import Pool

from .rules import BEGINNING, Place, chained
from .statements import DIGEST, FACTS, VALUES

ALONE = """
SELECT set_config('app.tenant', $1::text, true) IS NOT NULL
AND pg_try_advisory_xact_lock(hashtextextended('sequence ' || $1::text, 0))"""
# Events that have a number and no hash are of releases that did not chain. One that is not
# younger than a checkpoint was chained once: to chain it again would hide that it was changed.
LAST = """
SELECT e.sequence, e.hash, c.sequence AS kept, c.hash AS kept_hash,
       coalesce(c.created_at < now() - make_interval(secs => $2), true) AS is_old
FROM (SELECT) one
LEFT JOIN LATERAL (
  SELECT * FROM audit_checkpoints WHERE tenant_id = $1 ORDER BY sequence DESC LIMIT 1
) c ON true
LEFT JOIN LATERAL (SELECT coalesce(
  (SELECT min(sequence) - 1 FROM events
   WHERE tenant_id = $1 AND hash IS NULL AND sequence > coalesce(c.sequence, 0)),
  (SELECT max(sequence) FROM events WHERE tenant_id = $1 AND sequence IS NOT NULL)
) AS number OFFSET 0) newest ON true
LEFT JOIN LATERAL (
  SELECT * FROM events WHERE tenant_id = $1 AND sequence = newest.number OFFSET 0
) e ON e.hash IS NOT NULL"""
DUE = f"""
SELECT {FACTS}, {DIGEST} AS digest, v.salt IS NULL AND v.data IS NOT NULL AS is_unsalted FROM (
  (SELECT * FROM events WHERE tenant_id = $1 AND hash IS NULL AND sequence > $2
   ORDER BY sequence LIMIT $3)
  UNION ALL
  (SELECT * FROM events WHERE tenant_id = $1 AND sequence IS NULL ORDER BY id LIMIT $3)
) e {VALUES}
ORDER BY e.sequence, e.created_at, e.object_id, e.version, e.id LIMIT $3"""
SALT = """
UPDATE event_values SET salt = gen_random_uuid()
WHERE tenant_id = $1 AND event_id = ANY($2::uuid[]) AND salt IS NULL"""
CHAIN = """
UPDATE events e SET sequence = n.sequence, hash = n.hash, values_digest = n.digest
FROM unnest($2::uuid[], $3::bigint[], $4::bytea[], $5::bytea[]) n(id, sequence, hash, digest)
WHERE e.tenant_id = $1 AND e.id = n.id"""
KEEP = """
INSERT INTO audit_checkpoints (tenant_id, sequence, hash, created_at)
VALUES ($1, $2, $3, date_trunc('milliseconds', now()))"""
BATCH = 1000
Driver = Connection  # generic in the stubs only
TENANTS = "SELECT tenant_id FROM tenants"
AGE = """
SELECT CASE WHEN set_config('app.tenant', $1, true) IS NOT NULL THEN (
  SELECT extract(epoch FROM clock_timestamp() - created_at)::float8 FROM events
  WHERE tenant_id = $1::uuid AND sequence IS NULL ORDER BY id LIMIT 1
) END"""


class Sequencer:
    """`checkpoint_events` and `checkpoint_seconds`: after how many a checkpoint is due."""

    def __init__(
        self, pool: Pool, checkpoint_events: int = 1000, checkpoint_seconds: float = 60
    ) -> None:
        self.pool = pool
        self.checkpoint_events, self.checkpoint_seconds = checkpoint_events, checkpoint_seconds

    async def number_all(self) -> int:
        """One batch of each tenant; how many events were numbered and chained."""
        return sum([await self._number(tenant) for tenant in await self._tenants()])

    async def _tenants(self) -> list[UUID]:
        async with self.pool.line() as line:
            return [row["tenant_id"] for row in await line.driver.fetch(TENANTS)]

    async def _number(self, tenant: UUID) -> int:
        async with self.pool.line() as line, line.driver.transaction():
            if not await line.driver.fetchval(ALONE, str(tenant)):
                return 0
            found = await line.driver.fetchrow(LAST, tenant, self.checkpoint_seconds)
            assert found is not None
            last = _last(found)
            events = await _due(line.driver, tenant, last)
            places = list(chained(last, tenant, events))
            if places:
                await line.driver.execute(CHAIN, tenant, *_columns(events, places))
            await self._keep(line.driver, tenant, found, [last, *places][-1])
            return len(places)

    async def lag(self) -> float:
        """Seconds since the oldest event that has no number; 0 where there is none."""
        tenants = await self._tenants()
        async with self.pool.line() as line:
            ages = [await line.driver.fetchval(AGE, str(tenant)) for tenant in tenants]
        return max((age for age in ages if age is not None), default=0.0)

    async def _keep(
        self, driver: "Driver[Any]", tenant: UUID, found: Record, newest: Place
    ) -> None:
        """A checkpoint, where enough has happened since the one before."""
        since = newest.sequence - (found["kept"] or 0)
        if since >= self.checkpoint_events or (since and found["is_old"]):
            await driver.execute(KEEP, tenant, newest.sequence, newest.hash)


def _last(found: Record) -> Place:
    """What has been cut off behind it does not make a checkpoint untrue: go on from there."""
    if found["sequence"] is not None and found["sequence"] >= (found["kept"] or 0):
        return Place(found["sequence"], found["hash"])
    return Place(found["kept"], found["kept_hash"]) if found["kept"] else BEGINNING


async def _due(driver: "Driver[Any]", tenant: UUID, last: Place) -> list[Record]:
    """The events to chain next; values of releases that had no salt are given one."""
    events = await driver.fetch(DUE, tenant, last.sequence, BATCH)
    if unsalted := [event["id"] for event in events if event["is_unsalted"]]:
        await driver.execute(SALT, tenant, unsalted)
        events = await driver.fetch(DUE, tenant, last.sequence, BATCH)
    return list(events)


def _columns(events: list[Record], places: list[Place]) -> tuple[list[Any], ...]:
    return (
        [event["id"] for event in events],
        [place.sequence for place in places],
        [place.hash for place in places],
        [event["digest"] for event in events],
    )
