from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, Entity


class KeyEntry(Base):
    """Which key of which tenant a digest belongs to; read before the tenant is known."""

    __tablename__ = "key_index"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    key_id: Mapped[UUID]


class ApiKey(Entity):
    __tablename__ = "api_keys"

    name: Mapped[str]
    prefix: Mapped[str]
    last_four: Mapped[str]
    digest: Mapped[bytes]
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime | None]
    masked: Mapped[bool] = mapped_column(server_default="false")
    previous_digest: Mapped[bytes | None]
    previous_expires_at: Mapped[datetime | None]
