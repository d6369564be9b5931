"""reasons"""

import sqlalchemy as sa
from alembic import op

from crm_api.kit import tenancy

revision = "e7a1c40b9d62"
down_revision = "7b1f4e8d20c6"

BEGIN = """
CREATE OR REPLACE VIEW audit_records WITH (security_invoker = true) AS
SELECT e.tenant_id, e.id, e.sequence, e.type, e.object_id, e.version, e.version AS object_version,
       e.actor_id, e.request_id, e.causation_id, e.created_at, encode(e.hash, 'hex') AS hash,
       v.changes::json AS changes, """
END = """
FROM events e LEFT JOIN LATERAL (
  SELECT * FROM event_values WHERE tenant_id = e.tenant_id AND event_id = e.id OFFSET 0
) v ON true
WHERE e.sequence IS NOT NULL"""
BEFORE = f"{BEGIN}v.data IS NULL AND v.changes IS NULL AS erased, e.user_id{END}"
AFTER = f"""{BEGIN}num_nonnulls(v.data, v.changes, v.reason) = 0 AS erased,
       e.user_id, v.reason{END}"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.add_column("event_values", sa.Column("reason", sa.Text(), nullable=True))
    op.execute(AFTER)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("DROP VIEW audit_records")
    op.drop_column("event_values", "reason")
    op.execute(BEFORE)
    op.execute(f"ALTER VIEW audit_records OWNER TO {tenancy.OWNER}")
    op.execute(f"GRANT SELECT ON audit_records TO {tenancy.APP}")
