"""What the verifier asks the database."""

from crm_api.platform.journal.statements import DIGEST, ERASED, FACTS, VALUES

TENANT = "SELECT set_config('app.tenant', $1, true)"
CUT = """
SELECT sequence, hash FROM audit_checkpoints WHERE tenant_id = $1 AND cut_at IS NOT NULL
ORDER BY sequence DESC LIMIT 1"""
PAGE = f"""
SELECT {FACTS}, e.sequence, e.hash, e.values_digest AS digest, {DIGEST} AS found,
       {ERASED} AS is_erased, c.hash AS kept
FROM events e {VALUES} LEFT JOIN LATERAL (
  SELECT hash FROM audit_checkpoints WHERE tenant_id = e.tenant_id AND sequence = e.sequence
  OFFSET 0
) c ON true
WHERE e.tenant_id = $1 AND e.sequence > $2 ORDER BY e.sequence LIMIT $3"""
# Each of these is one statement, so it never takes for damage what is being written meanwhile.
UNHASHED = """
SELECT EXISTS (SELECT FROM events WHERE tenant_id = $1 AND sequence = $2 AND hash IS NULL) AND (
  EXISTS (SELECT FROM events WHERE tenant_id = $1 AND sequence > $2 AND hash IS NOT NULL)
  OR EXISTS (SELECT FROM audit_checkpoints WHERE tenant_id = $1 AND sequence >= $2))"""
TRUNCATED = """
SELECT min(sequence) FROM audit_checkpoints WHERE tenant_id = $1 AND sequence > $2
AND NOT EXISTS (SELECT FROM events WHERE tenant_id = $1 AND sequence > $2)"""
WAITING = """
SELECT (SELECT count(*) FROM events WHERE tenant_id = $1 AND sequence IS NULL)
     + (SELECT count(*) FROM events WHERE tenant_id = $1 AND hash IS NULL AND sequence > $2)"""
UNNUMBERED = """
SELECT id::text FROM events
WHERE tenant_id = $1 AND sequence IS NULL AND num_nonnulls(hash, values_digest) > 0 LIMIT 1"""
ORPHANS = """
SELECT max(event_id::text) AS last, min(event_id::text) FILTER (WHERE is_orphan) AS orphan FROM (
  SELECT v.event_id, e.id IS NULL AS is_orphan
  FROM (SELECT * FROM event_values WHERE tenant_id = $1 AND event_id > $2
        ORDER BY event_id LIMIT $3) v
  LEFT JOIN LATERAL (
    SELECT id FROM events WHERE tenant_id = $1 AND id = v.event_id OFFSET 0
  ) e ON true
) page"""
COMPARED = """
SELECT k.sequence, e.hash IS NULL AS is_missing
FROM unnest($2::bigint[], $3::bytea[]) k(sequence, hash)
LEFT JOIN LATERAL (
  SELECT hash FROM events WHERE tenant_id = $1 AND sequence = k.sequence
  UNION ALL
  SELECT hash FROM audit_checkpoints
  WHERE tenant_id = $1 AND sequence = k.sequence AND sequence <= $4
  LIMIT 1 OFFSET 0
) e ON true
WHERE e.hash IS DISTINCT FROM k.hash AND (e.hash IS NOT NULL OR k.sequence > $4)
ORDER BY k.sequence LIMIT 1"""
