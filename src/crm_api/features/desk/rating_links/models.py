from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, refers


class RatingLink(Base):
    """A way for a customer to answer: his token is kept as a hash only.

    A rating may have several: each mail that is sent again has its own, and all are good until
    one was used.
    """

    __tablename__ = "rating_links"
    __table_args__ = (refers("rating_id", "ratings"),)

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    rating_id: Mapped[UUID]
    created_at: Mapped[datetime]


Index(None, RatingLink.tenant_id, RatingLink.rating_id)
