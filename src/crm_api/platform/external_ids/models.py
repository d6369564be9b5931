from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base


class ExternalId(Base):
    """Whose record an outside system means by a value; one record at most."""

    __tablename__ = "external_ids"
    __table_args__ = (
        Index(None, "tenant_id", "resource", "object_id"),
        {"info": {"pointer": "/external_ids", "owner": "object_id"}},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    resource: Mapped[str] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    object_id: Mapped[UUID]
