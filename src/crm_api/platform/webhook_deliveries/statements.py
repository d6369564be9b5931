"""SQL over deliveries and the timers under them.

Whoever changes several takes locks in this order: endpoint, timers, deliveries. Timers that
somebody holds are left to him.
"""

from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

IDS = bindparam("ids", type_=ARRAY(Uuid()))
SEND = "webhook delivery"
"""The kind of their timers; their lane is the endpoint."""
NEWEST = "SELECT tenant_id, sequence FROM sequencer_state"
KNOWN = "SELECT sequence FROM webhook_cursors WHERE tenant_id = :tenant"
REACHED, TAKEN = text(f"{KNOWN} FOR UPDATE SKIP LOCKED"), text(KNOWN)
REACH = text("UPDATE webhook_cursors SET sequence = :reached WHERE tenant_id = :tenant RETURNING 1")
HAND_OUT = text("""
WITH told AS MATERIALIZED (
  SELECT * FROM json_to_recordset(CAST(:told AS json)) AS r(id uuid, endpoint_id uuid,
    event_id uuid, event_type text, body text, seen jsonb, next_at timestamptz, kind text,
    due_at timestamptz)
), made AS (
  INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, state, body,
    seen, next_at, created_at, updated_at)
  SELECT :tenant, id, endpoint_id, event_id, event_type, 'pending', body, seen, next_at, :now, :now
  FROM told ON CONFLICT (tenant_id, endpoint_id, event_id) DO NOTHING RETURNING id
)
INSERT INTO timers (tenant_id, id, kind, lane, due_at)
SELECT :tenant, told.id, kind, endpoint_id, due_at FROM told JOIN made USING (id)
RETURNING id""")
LOAD = text("""
SELECT d.id, d.state, d.endpoint_id, d.event_id, d.event_type, d.body, d.seen, d.tries,
  e.state AS endpoint_state, e.url, e.payload, e.secrets, e.sealed_headers, e.created_by,
  e.scopes, e.masked, e.masks, e.user_id, e.failures, e.not_before,
  v.event_id IS NULL AS erased,
  EXISTS (SELECT FROM webhook_deliveries p WHERE p.tenant_id = d.tenant_id
    AND p.endpoint_id = d.endpoint_id AND p.state = 'paused') AS has_paused
FROM webhook_deliveries d
LEFT JOIN webhook_endpoints e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id
LEFT JOIN event_values v ON v.tenant_id = d.tenant_id AND v.event_id = d.event_id
WHERE d.tenant_id = :tenant AND d.id = ANY(:ids)""").bindparams(IDS)
END = text("""
WITH told AS MATERIALIZED (
  SELECT * FROM json_to_recordset(CAST(:told AS json)) AS r(id uuid, fence int, state text,
    next_at timestamptz, due_at timestamptz, tried boolean, at timestamptz, status int,
    latency int, error text, answer text, body text, seen jsonb)
), gone AS (
  DELETE FROM timers t USING told
  WHERE t.tenant_id = :tenant AND t.id = told.id AND t.fence = told.fence AND told.due_at IS NULL
  RETURNING t.id
), kept AS (
  UPDATE timers t SET held = false, attempts = 0, due_at = told.due_at FROM told
  WHERE t.tenant_id = :tenant AND t.id = told.id AND t.fence = told.fence
  AND told.due_at IS NOT NULL RETURNING t.id
), mine AS (
  SELECT told.*, tried::int AS one FROM told
  JOIN (SELECT id FROM gone UNION ALL SELECT id FROM kept) held USING (id)
), changed AS (
  UPDATE webhook_deliveries d SET state = m.state, next_at = m.next_at, tries = d.tries + m.one,
    attempt_count = d.attempt_count + m.one, body = coalesce(m.body, d.body),
    seen = coalesce(m.seen, d.seen),
    rendered_again = d.rendered_again + (m.body IS NOT NULL)::int,
    status_code = CASE WHEN tried THEN m.status ELSE d.status_code END,
    latency_ms = CASE WHEN tried THEN m.latency ELSE d.latency_ms END,
    error = CASE WHEN tried THEN m.error ELSE d.error END,
    delivered_at = CASE WHEN m.state = 'delivered' THEN m.at ELSE d.delivered_at END,
    version = d.version + 1, updated_at = :now
  FROM mine m WHERE d.tenant_id = :tenant AND d.id = m.id RETURNING d.id, d.attempt_count
), logged AS (
  INSERT INTO webhook_attempts (tenant_id, delivery_id, number, at, status_code, latency_ms, error,
    answer)
  SELECT :tenant, id, c.attempt_count, at, status, latency, error, answer
  FROM mine JOIN changed c USING (id) WHERE tried
)
SELECT id FROM mine""")
HASTEN = text("""
INSERT INTO timers (tenant_id, id, kind, lane, due_at)
SELECT d.tenant_id, d.id, :kind, e.id, now()
FROM webhook_deliveries d
JOIN webhook_endpoints e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id
WHERE d.tenant_id = :tenant AND d.id = :delivery AND d.state <> 'cancelled'
ON CONFLICT (tenant_id, id) DO UPDATE SET due_at = least(timers.due_at, now())
WHERE NOT timers.held RETURNING id""")
BETWEEN = text("""
SELECT min(sequence) - 1 AS begin, max(sequence) AS end FROM events
WHERE tenant_id = :tenant AND sequence IS NOT NULL AND created_at >= :from AND created_at < :to""")
SEND_ANEW = text("""
WITH told AS MATERIALIZED (
  SELECT * FROM json_to_recordset(CAST(:told AS json)) AS r(id uuid, endpoint_id uuid,
    event_id uuid, event_type text, body text, seen jsonb, next_at timestamptz, kind text,
    due_at timestamptz)
), made AS (
  INSERT INTO webhook_deliveries AS d (tenant_id, id, endpoint_id, event_id, event_type, state,
    body, seen, next_at, created_at, updated_at)
  SELECT :tenant, id, endpoint_id, event_id, event_type, 'pending', body, seen, next_at, :now, :now
  FROM told ON CONFLICT (tenant_id, endpoint_id, event_id) DO UPDATE SET state = 'pending',
    tries = 0, next_at = excluded.next_at, version = d.version + 1, updated_at = excluded.updated_at
  WHERE NOT EXISTS (SELECT FROM timers WHERE tenant_id = :tenant AND id = d.id AND held)
  RETURNING d.id, d.event_id
)
INSERT INTO timers (tenant_id, id, kind, lane, due_at)
SELECT :tenant, made.id, kind, endpoint_id, due_at FROM told JOIN made USING (event_id)
ON CONFLICT (tenant_id, id) DO UPDATE SET due_at = least(timers.due_at, excluded.due_at)
WHERE NOT timers.held RETURNING id""")
FAILED = text("""
WITH given_up AS (
  SELECT id FROM webhook_deliveries d WHERE tenant_id = :tenant AND endpoint_id = :endpoint
  AND state IN ('dead', 'blocked', 'retrying') AND created_at >= :from AND created_at < :to
  AND event_type = ANY(:types) AND id > :after
  AND NOT EXISTS (SELECT FROM timers t WHERE t.tenant_id = :tenant AND t.id = d.id AND t.held)
  ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
), again AS (
  UPDATE webhook_deliveries d SET state = 'pending', tries = 0, next_at = :now,
    version = version + 1, updated_at = :now
  FROM given_up g WHERE d.tenant_id = :tenant AND d.id = g.id RETURNING d.id
)
INSERT INTO timers (tenant_id, id, kind, lane, due_at)
SELECT :tenant, id, :kind, :endpoint, now() FROM again
ON CONFLICT (tenant_id, id) DO UPDATE SET due_at = least(timers.due_at, excluded.due_at)
WHERE NOT timers.held RETURNING id""").bindparams(bindparam("types", type_=ARRAY(Text())))
MOST = 500
"""So much of what waits for an endpoint is moved at a time: after an import all of it may be more
than a statement has time for. Whoever meets some of what is left over moves some more."""
FREE = f"""
SELECT id FROM timers WHERE tenant_id = :tenant AND kind = '{SEND}' AND lane = :endpoint
AND NOT held ORDER BY due_at LIMIT {MOST} FOR UPDATE SKIP LOCKED"""
PAUSED = f"""
SELECT id FROM webhook_deliveries WHERE tenant_id = :tenant AND endpoint_id = :endpoint
AND state = 'paused' ORDER BY created_at, id LIMIT {MOST} FOR UPDATE SKIP LOCKED"""
STOP = text(f"""
WITH free AS ({FREE}), gone AS (
  DELETE FROM timers t USING free WHERE t.tenant_id = :tenant AND t.id = free.id RETURNING t.id
)
UPDATE webhook_deliveries d SET state = :state, next_at = NULL, version = version + 1,
  updated_at = :now
FROM gone WHERE d.tenant_id = :tenant AND d.id = gone.id RETURNING d.id""")
FORGET_PAUSED = text(f"""
WITH paused AS ({PAUSED})
UPDATE webhook_deliveries d SET state = 'cancelled', version = version + 1, updated_at = :now
FROM paused WHERE d.tenant_id = :tenant AND d.id = paused.id RETURNING d.id""")
RESUME = text(f"""
WITH paused AS ({PAUSED}), back AS (
  UPDATE webhook_deliveries d SET next_at = :now, version = version + 1, updated_at = :now,
    state = CASE WHEN tries > 0 THEN 'retrying' ELSE 'pending' END
  FROM paused WHERE d.tenant_id = :tenant AND d.id = paused.id RETURNING d.id
)
INSERT INTO timers (tenant_id, id, kind, lane, due_at)
SELECT :tenant, id, :kind, :endpoint, now() FROM back
ON CONFLICT (tenant_id, id) DO NOTHING RETURNING id""")
