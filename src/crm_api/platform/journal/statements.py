"""What is chained of an event, as SQL; written once for the sequencer and for whoever checks."""

NOTHING = r"'\x" + "00" * 32 + "'::bytea"


def _digest_of(column: str, none: str = NOTHING) -> str:
    return f"coalesce(sha256(convert_to({column}, 'UTF8')), {none})"


FACTS = """e.id::text, e.type, e.object_id::text, e.version, e.actor_id::text, e.user_id::text,
  e.request_id, e.causation_id::text,
  to_char(e.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at"""
ERASED = "(num_nonnulls(v.data, v.changes, v.reason) = 0)"
DIGEST = f"""CASE WHEN NOT {ERASED} THEN
  sha256(uuid_send(v.salt) || {_digest_of("v.data")} || {_digest_of("v.changes")}
    || {_digest_of("v.reason", "''::bytea")}) END"""
"""SHA-256 of the salt, the SHA-256 of the data and that of the changes, 32 zeros for none; and
where there is a reason, that of the reason."""
VALUES = """LEFT JOIN LATERAL (
  SELECT * FROM event_values WHERE tenant_id = e.tenant_id AND event_id = e.id OFFSET 0
) v ON true"""
"""OFFSET 0: row by row, where a generic plan would read all values of the tenant for one batch."""
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
HEAD = """
INSERT INTO sequencer_state (tenant_id, sequence) VALUES ($1, $2)
ON CONFLICT (tenant_id) DO UPDATE SET sequence = excluded.sequence"""
