from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, Entity, listed_by
from crm_api.kit.kinds import Kind


class FieldState(StrEnum):
    live = "live"
    retired = "retired"
    purging = "purging"


class Sensitivity(StrEnum):
    none = "none"
    personal = "personal"
    secret = "secret"


class CustomField(Entity):
    """A field that a tenant has defined; the values are in `custom` of the noun's own table."""

    __tablename__ = "custom_fields"

    resource: Mapped[str]
    key: Mapped[str]
    kind: Mapped[Kind]
    state: Mapped[FieldState] = mapped_column(server_default="live")
    labels: Mapped[dict[str, Any]]
    description: Mapped[str | None]
    options: Mapped[list[dict[str, Any]]]
    reference_to: Mapped[str | None]
    required: Mapped[bool]
    unique: Mapped[bool]
    indexed: Mapped[bool]
    sensitivity: Mapped[Sensitivity]
    max_length: Mapped[int | None]
    default: Mapped[Any] = mapped_column(JSONB, nullable=True)
    retired_at: Mapped[datetime | None]
    purged_records: Mapped[int] = mapped_column(server_default="0")


listed_by(CustomField)
Index(
    "uq_custom_fields_key",
    CustomField.tenant_id,
    CustomField.resource,
    CustomField.key,
    unique=True,
)


class CustomValue(Base):
    """Which records have a value in an indexed field, as `kit.kinds` keeps it; one value lists
    them in the order in which they were created."""

    __tablename__ = "custom_values"
    __table_args__ = (Index(None, "tenant_id", "object_id", "field_id"),)

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    field_id: Mapped[UUID] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    object_id: Mapped[UUID] = mapped_column(primary_key=True)


class CustomUnique(Base):
    """Which live record has a value that no other live record of its noun may have."""

    __tablename__ = "custom_uniques"
    __table_args__ = (
        Index(None, "tenant_id", "object_id"),
        {"info": {"pointer": "/custom/{key}", "owner": "object_id"}},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    resource: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    object_id: Mapped[UUID]
