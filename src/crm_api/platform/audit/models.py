from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    TIMESTAMP,
    BigInteger,
    Boolean,
    Column,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base
from crm_api.kit.looking import ByObject
from crm_api.kit.sight import Sight


class AuditRecord(Base):
    """A numbered event with its values: a view, so it is none of the tables that are migrated."""

    sight: ClassVar[Sight | None] = ByObject()
    __table__ = Table(
        "audit_records",
        MetaData(),
        Column("tenant_id", Uuid(), primary_key=True),
        Column("id", Uuid(), primary_key=True),
        Column("sequence", BigInteger()),
        Column("type", Text()),
        Column("object_id", Uuid()),
        Column("version", Integer()),
        Column("object_version", Integer()),
        Column("actor_id", Uuid()),
        Column("user_id", Uuid()),
        Column("request_id", Text()),
        Column("causation_id", Uuid()),
        Column("created_at", TIMESTAMP(timezone=True)),
        Column("hash", Text()),
        Column("changes", JSON()),
        Column("reason", Text()),
        Column("erased", Boolean()),
    )


class Checkpoint(Base):
    """What the hash of an event was; the sequencer adds rows, and copies are kept outside.

    `cut_at` is when the event and all before it were dropped, because they were old enough: the
    chain begins behind it. Only the function that drops them may say so.
    """

    __tablename__ = "audit_checkpoints"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes]
    created_at: Mapped[datetime]
    cut_at: Mapped[datetime | None]
