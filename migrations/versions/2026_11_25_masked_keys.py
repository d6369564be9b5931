"""masked keys"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

from crm_api.platform.parties.masks import create_masks, drop_masks

revision = "2e9c4d7a1f58"
down_revision = "4f1c0a7e2b93"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    execute(create_masks())
    op.add_column(
        "api_keys", sa.Column("masked", sa.Boolean(), server_default="false", nullable=False)
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_column("api_keys", "masked")
    execute(drop_masks())


def execute(statements: Iterable[str]) -> None:
    for statement in statements:
        op.execute(statement)
