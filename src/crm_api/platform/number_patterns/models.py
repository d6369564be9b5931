from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, Entity, listed_by, refers


class Restarts(StrEnum):
    never = "never"
    year = "year"
    month = "month"
    day = "day"


class NumberPattern(Entity):
    """A unit has one for each noun at most, and so has the group, which is no unit."""

    __tablename__ = "number_patterns"
    __table_args__ = (refers("business_unit_id", "business_units"),)

    noun: Mapped[str]
    business_unit_id: Mapped[UUID | None]
    pattern: Mapped[str]
    restarts: Mapped[Restarts]


listed_by(NumberPattern, NumberPattern.noun, NumberPattern.business_unit_id)
Index(
    "uq_number_patterns_noun_business_unit_id",
    NumberPattern.tenant_id,
    NumberPattern.noun,
    NumberPattern.business_unit_id,
    unique=True,
    postgresql_nulls_not_distinct=True,
)


class NumberCounter(Base):
    """The last number that was given of those that are written in one `form`, in one period.

    `form` is a pattern without the digits that its number is filled up to. `taken_on` is the day
    on which numbers were taken last, and `taken` how many.
    """

    __tablename__ = "number_counters"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    noun: Mapped[str] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(primary_key=True)
    begins_on: Mapped[date] = mapped_column(primary_key=True)
    taken_on: Mapped[date]
    taken: Mapped[int]
    last: Mapped[int] = mapped_column(BigInteger)


Index(
    None,
    NumberCounter.tenant_id,
    NumberCounter.noun,
    NumberCounter.form,
    NumberCounter.taken_on,
)
