from enum import StrEnum

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import listed_by
from crm_api.kit.naming import Named


class LegalEntityState(StrEnum):
    live = "live"
    archived = "archived"


class LegalEntity(Named):
    """A company of the group, as a register knows it."""

    __tablename__ = "legal_entities"

    legal_name: Mapped[str | None]
    country: Mapped[str]
    registration_number: Mapped[str | None]
    currency: Mapped[str | None]
    state: Mapped[LegalEntityState] = mapped_column(server_default="live")


listed_by(LegalEntity)
Index(None, LegalEntity.tenant_id, LegalEntity.sort_name, LegalEntity.id)
Index("ix_legal_entities_search_pieces", LegalEntity.search_pieces, postgresql_using="gin")
Index(
    "uq_legal_entities_live_registration_number",
    LegalEntity.tenant_id,
    LegalEntity.country,
    LegalEntity.registration_number,
    unique=True,
    postgresql_where=text("state = 'live' AND registration_number IS NOT NULL"),
)
