"""search by parts of names, phones and e-mails"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.features.customers.rules import FOUND_BY, texts
from crm_api.kit import search

revision = "b83d5c61f0a4"
down_revision = "4f1c0a7e2b93"

TENANTS = sa.text("SELECT tenant_id FROM tenants ORDER BY tenant_id")
IN_TENANT = sa.text("SELECT set_config('app.tenant', CAST(:tenant AS text), true)")
ROWS = sa.text(
    f"SELECT id, {', '.join(FOUND_BY)} FROM customers "
    "WHERE tenant_id = :tenant AND id > :after ORDER BY id LIMIT 1000"
)
FILL = sa.text(
    "UPDATE customers SET search_text = :search_text, search_pieces = :search_pieces "
    "WHERE tenant_id = :tenant AND id = :id"
).bindparams(sa.bindparam("search_pieces", type_=sa.ARRAY(sa.Integer())))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    execute(search.create_search_role())
    op.add_column(
        "customers", sa.Column("search_text", sa.Text(), server_default="", nullable=False)
    )
    op.add_column(
        "customers",
        sa.Column(
            "search_pieces", postgresql.ARRAY(sa.Integer()), server_default="{}", nullable=False
        ),
    )
    fill(op.get_bind())
    op.create_index(
        "ix_customers_search_pieces",
        "customers",
        ["search_pieces"],
        unique=False,
        postgresql_using="gin",
    )
    execute(search.create_search("customers"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    execute(search.drop_search("customers"))
    op.drop_index("ix_customers_search_pieces", table_name="customers", postgresql_using="gin")
    op.drop_column("customers", "search_pieces")
    op.drop_column("customers", "search_text")


def fill(database: sa.Connection) -> None:
    """Customers that are there already; under the policies, for a role that they hold too."""
    for tenant in database.scalars(TENANTS).all():
        database.execute(IN_TENANT, {"tenant": str(tenant)})
        for rows in batches(database, tenant):
            database.execute(FILL, [{"tenant": tenant, **found(tenant, row)} for row in rows])


def batches(database: sa.Connection, tenant: UUID) -> Iterator[Sequence[sa.RowMapping]]:
    after = UUID(int=0)
    while rows := database.execute(ROWS, {"tenant": tenant, "after": after}).mappings().all():
        after = rows[-1]["id"]
        yield rows


def found(tenant: UUID, row: sa.RowMapping) -> dict[str, Any]:
    return {"id": row["id"], **search.found_by(tenant, *texts(row))}


def execute(statements: Iterable[str]) -> None:
    for statement in statements:
        op.execute(statement)
