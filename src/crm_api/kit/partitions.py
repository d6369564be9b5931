"""The journal by months: what its partitions are called, and the functions that keep them.

Ids are made in the order of time, so a month of events is a range of ids, and the primary keys
stay what they were. The functions belong to the owner of the tables, and the app may do no more
than call them: one adds months ahead, one drops the oldest month, and never what is younger than
the law wants logs to be kept (180 days). They wait for a lock for 0.2 seconds at most: all who
write would wait behind them.
"""

import re
from collections.abc import Iterator
from uuid import UUID

from .tenancy import APP, OWNER

TABLES = {"events": "id", "event_values": "event_id"}
PARTITION = re.compile("(events|event_values)_(rest|[0-9]{4}_[0-9]{2})")
FIRST_ID = """
CREATE FUNCTION journal_first_id(month timestamp) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  (lpad(to_hex((extract(epoch FROM month) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid"""
MONTHS = """
CREATE FUNCTION journal_months() RETURNS SETOF timestamp LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
  SELECT to_date(right(relname, 7), 'YYYY_MM')::timestamp FROM pg_class
  WHERE relispartition AND relkind = 'r' AND relname ~ '^events_[0-9]{4}_[0-9]{2}$'
  AND relnamespace = 'public'::regnamespace ORDER BY 1
$$"""
# What is in the default partition already cannot be another's: such a month stays there.
ADD = """
CREATE FUNCTION add_journal_months(ahead int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
  month timestamp := (SELECT max(m) + interval '1 month' FROM journal_months() m);
  last timestamp := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead);
  added int := 0;
  parent text;
  child text;
BEGIN
  WHILE month <= last LOOP
    BEGIN
      FOREACH parent IN ARRAY ARRAY['events', 'event_values'] LOOP
        child := parent || to_char(month, '_YYYY_MM');
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', child, parent);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', child);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', child);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
          parent, child, journal_first_id(month), journal_first_id(month + interval '1 month'));
      END LOOP;
      added := added + 1;
    EXCEPTION WHEN check_violation THEN
      RAISE WARNING 'events of % stay in the default partition', to_char(month, 'YYYY-MM');
    END;
    month := month + interval '1 month';
  END LOOP;
  RETURN added;
END $$"""
# The last event that goes is what the chain goes on from: nobody but this function says so.
DROP = """
CREATE FUNCTION drop_journal_month(days int) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
  month timestamp := (SELECT min(m) FROM journal_months() m);
  bound uuid := journal_first_id(month + interval '1 month');
  tenant uuid;
BEGIN
  IF days IS NULL OR days < 180 THEN
    RAISE EXCEPTION 'events are kept for 180 days at least';
  END IF;
  IF month IS NULL OR month + interval '1 month' > (now() - make_interval(days => days))
     AT TIME ZONE 'UTC' THEN
    RETURN NULL;
  END IF;
  FOR tenant IN SELECT tenant_id FROM tenants LOOP
    PERFORM set_config('app.tenant', tenant::text, true);
    IF EXISTS (SELECT FROM events WHERE tenant_id = tenant AND id < bound AND sequence IS NULL)
    OR EXISTS (SELECT FROM events WHERE tenant_id = tenant AND id < bound
               AND sequence IS NOT NULL AND hash IS NULL) THEN
      RETURN NULL;
    END IF;
    INSERT INTO audit_checkpoints (tenant_id, sequence, hash, created_at, cut_at)
    SELECT tenant, sequence, hash, date_trunc('milliseconds', now()),
           date_trunc('milliseconds', now())
    FROM events WHERE tenant_id = tenant AND id < bound AND sequence IS NOT NULL
    ORDER BY sequence DESC LIMIT 1
    ON CONFLICT (tenant_id, sequence) DO UPDATE SET cut_at = excluded.cut_at;
  END LOOP;
  EXECUTE format('DROP TABLE %I, %I', 'events' || to_char(month, '_YYYY_MM'),
    'event_values' || to_char(month, '_YYYY_MM'));
  RETURN to_char(month, 'YYYY-MM');
END $$"""


def create_functions() -> Iterator[str]:
    yield from (FIRST_ID, MONTHS, ADD, DROP)
    for name in ("add_journal_months(int)", "drop_journal_month(int)"):
        yield f"ALTER FUNCTION {name} OWNER TO {OWNER}"
        yield f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {name} TO {APP}"


def drop_functions() -> Iterator[str]:
    for name in ("drop_journal_month(int)", "add_journal_months(int)", "journal_months()"):
        yield f"DROP FUNCTION {name}"
    yield "DROP FUNCTION journal_first_id(timestamp)"


def partition(table: str, old: str, bound: UUID) -> Iterator[str]:
    """Make a table whose rows are all before the id `bound` the first partition, `old`, of a new
    one of its name, with a default partition so that no write ever fails; its indexes follow."""
    key = TABLES[table]
    yield f"ALTER TABLE {table} RENAME TO {old}"
    yield f"ALTER TABLE {old} RENAME CONSTRAINT pk_{table} TO pk_{old}"
    yield (
        f"CREATE TABLE {table} (LIKE {old} INCLUDING DEFAULTS, "
        f"CONSTRAINT pk_{table} PRIMARY KEY (tenant_id, {key})) PARTITION BY RANGE ({key})"
    )
    yield f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT"
    yield f"ALTER TABLE {table} ATTACH PARTITION {old} FOR VALUES FROM (MINVALUE) TO ('{bound}')"
    yield f"ALTER TABLE {old} DROP CONSTRAINT before"
    for name in (old, f"{table}_rest"):
        yield f"ALTER TABLE {name} OWNER TO {OWNER}"
        yield f"REVOKE ALL ON {name} FROM {APP}"
        yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
        yield from (f"DROP POLICY IF EXISTS {policy} ON {name}" for policy in ("tenant", "sealed"))
