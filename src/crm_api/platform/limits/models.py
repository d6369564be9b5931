from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base


class RateLimit(Base):
    """How much of a quota the processes have taken, of a key or of the tenant itself.

    `span` counts windows since 1970; `granted` is what the last one who asked was given. Not in
    the write-ahead log: a lease waits for no disk, and after a crash windows begin anew.
    """

    __tablename__ = "rate_limits"
    __table_args__ = {"prefixes": ["UNLOGGED"]}

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    span: Mapped[int] = mapped_column(BigInteger)
    taken: Mapped[int] = mapped_column(BigInteger)
    granted: Mapped[int] = mapped_column(BigInteger)
