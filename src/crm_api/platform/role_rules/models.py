from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped

from crm_api.kit.db import Entity


class RoleRule(Entity):
    """That users who come with a provider's token hold a role as long as a claim says so."""

    __tablename__ = "role_rules"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "identity_provider_id"],
            ["identity_providers.tenant_id", "identity_providers.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(["tenant_id", "role_id"], ["roles.tenant_id", "roles.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "business_unit_id"], ["business_units.tenant_id", "business_units.id"]
        ),
    )

    identity_provider_id: Mapped[UUID]
    claim: Mapped[str]
    value: Mapped[str]
    role_id: Mapped[UUID]
    business_unit_id: Mapped[UUID | None]


Index(None, RoleRule.tenant_id, RoleRule.created_at, RoleRule.id)
for _asked in (RoleRule.identity_provider_id, RoleRule.role_id, RoleRule.business_unit_id):
    Index(None, RoleRule.tenant_id, _asked, RoleRule.created_at, RoleRule.id)
Index(
    "uq_role_rules_rule",
    RoleRule.tenant_id,
    RoleRule.identity_provider_id,
    RoleRule.value,
    RoleRule.claim,
    RoleRule.role_id,
    RoleRule.business_unit_id,
    unique=True,
    postgresql_nulls_not_distinct=True,
    info={"pointer": "/value"},
)
