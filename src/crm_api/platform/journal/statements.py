"""What is chained of an event, as SQL; written once for the sequencer and for whoever checks."""

NOTHING = r"'\x" + "00" * 32 + "'::bytea"


def _digest_of(column: str) -> str:
    return f"coalesce(sha256(convert_to({column}, 'UTF8')), {NOTHING})"


FACTS = """e.id::text, e.type, e.object_id::text, e.version, e.actor_id::text, e.request_id,
  e.causation_id::text,
  to_char(e.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at"""
ERASED = "(v.data IS NULL AND v.changes IS NULL)"
DIGEST = f"""CASE WHEN NOT {ERASED} THEN
  sha256(uuid_send(v.salt) || {_digest_of("v.data")} || {_digest_of("v.changes")}) END"""
"""SHA-256 of the salt, the SHA-256 of the data and that of the changes; 32 zeros for none."""
VALUES = """LEFT JOIN LATERAL (
  SELECT * FROM event_values WHERE tenant_id = e.tenant_id AND event_id = e.id OFFSET 0
) v ON true"""
"""OFFSET 0: row by row, where a generic plan would read all values of the tenant for one batch."""
