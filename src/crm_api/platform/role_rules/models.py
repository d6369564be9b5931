from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from crm_api.kit.db import Entity, listed_by, refers


class RoleRule(Entity):
    """That users who come with a provider's token hold a role as long as a claim says so."""

    __tablename__ = "role_rules"
    __table_args__ = (
        refers("identity_provider_id", "identity_providers", ondelete="CASCADE"),
        refers("role_id", "roles"),
        refers("business_unit_id", "business_units"),
    )

    identity_provider_id: Mapped[UUID]
    claim: Mapped[str]
    value: Mapped[str]
    role_id: Mapped[UUID]
    business_unit_id: Mapped[UUID | None]


listed_by(RoleRule, RoleRule.identity_provider_id, RoleRule.role_id, RoleRule.business_unit_id)
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
