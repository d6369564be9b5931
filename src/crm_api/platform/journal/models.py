from typing import ClassVar
from uuid import UUID

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Boolean,
    Column,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base
from crm_api.kit.looking import ByObject
from crm_api.kit.sight import Sight


class JournalEvent(Base):
    """A numbered event with its values: a view, so it is none of the tables that are migrated."""

    sight: ClassVar[Sight | None] = ByObject()
    __table__ = Table(
        "journal_events",
        MetaData(),
        Column("tenant_id", Uuid(), primary_key=True),
        Column("id", Uuid(), primary_key=True),
        Column("type", Text()),
        Column("schema_version", SmallInteger()),
        Column("sequence", BigInteger()),
        Column("created_at", TIMESTAMP(timezone=True)),
        Column("business_unit_id", Text()),
        Column("object_id", Uuid()),
        Column("version", Integer()),
        Column("object_version", Integer()),
        Column("actor_id", Uuid()),
        Column("user_id", Uuid()),
        Column("request_id", Text()),
        Column("causation_id", Uuid()),
        Column("causation_depth", SmallInteger()),
        Column("data", Text()),
        Column("changes", Text()),
        Column("erased", Boolean()),
    )


class SequencerState(Base):
    """The last number of each tenant, in one place: whoever waits for news looks here only."""

    __tablename__ = "sequencer_state"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
