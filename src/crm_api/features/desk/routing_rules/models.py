from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Entity, listed_by, refers


class RoutingRule(Entity):
    """Where tickets that it fits go; rules are asked in the order of their positions."""

    __tablename__ = "routing_rules"
    __table_args__ = (
        refers("business_unit_id", "business_units"),
        refers("queue_id", "queues"),
    )

    name: Mapped[str]
    position: Mapped[int]
    business_unit_id: Mapped[UUID | None]
    conditions: Mapped[dict[str, Any] | None]
    queue_id: Mapped[UUID]
    skills: Mapped[list[str]] = mapped_column(server_default="{}")
    enabled: Mapped[bool] = mapped_column(server_default="true")


listed_by(RoutingRule, RoutingRule.business_unit_id, RoutingRule.queue_id)
Index("uq_routing_rules_position", RoutingRule.tenant_id, RoutingRule.position, unique=True)
