from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, Entity, refers


class KeyEntry(Base):
    """Which key of which tenant a digest belongs to; read before the tenant is known."""

    __tablename__ = "key_index"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    key_id: Mapped[UUID]


class ApiKey(Entity):
    """With a `user_id` it acts as that user: what both may do."""

    __tablename__ = "api_keys"
    __table_args__ = (refers("user_id", "users"),)

    name: Mapped[str]
    prefix: Mapped[str]
    last_four: Mapped[str]
    digest: Mapped[bytes]
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime | None]
    masked: Mapped[bool] = mapped_column(server_default="false")
    user_id: Mapped[UUID | None]
    previous_digest: Mapped[bytes | None]
    previous_expires_at: Mapped[datetime | None]


Index(None, ApiKey.tenant_id, ApiKey.user_id, ApiKey.created_at, ApiKey.id)
