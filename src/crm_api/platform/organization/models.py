from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, Entity


class TenantKind(StrEnum):
    live = "live"
    sandbox = "sandbox"


class TenantEntry(Base):
    """That a tenant exists, for processes that must know it before they work for one.

    `rate_limit` is how many requests it may send in a window; null for as many as all others.
    """

    __tablename__ = "tenants"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[TenantKind]
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]
    rate_limit: Mapped[int | None]


class Tenant(Entity):
    """What a tenant has settled for itself; its `id` is its `tenant_id`."""

    __tablename__ = "tenant_settings"

    name: Mapped[str]
    kind: Mapped[TenantKind]
    base_currency: Mapped[str]
    time_zone: Mapped[str]
    phone_region: Mapped[str]
    languages: Mapped[list[str]]
    allowed_origins: Mapped[list[str]] = mapped_column(server_default="{}")
    clock_advanced_seconds: Mapped[int] = mapped_column(BigInteger, server_default="0")
    tells_known_to_group: Mapped[bool] = mapped_column(server_default="false")
    reopen_days: Mapped[int] = mapped_column(server_default="7")
