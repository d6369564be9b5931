from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, listed_by, refers
from crm_api.kit.naming import Named


class BusinessUnitState(StrEnum):
    live = "live"
    archived = "archived"


class BusinessUnit(Named):
    """Its place in the tree is that of today; `periods` has those of all dates."""

    __tablename__ = "business_units"
    __table_args__ = (
        refers("parent_id", "business_units"),
        refers("legal_entity_id", "legal_entities"),
        refers("calendar_id", "business_calendars"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        CheckConstraint("closes_on > opens_on", name="opens_before_it_closes"),
    )

    code: Mapped[str | None]
    kind: Mapped[str]
    state: Mapped[BusinessUnitState] = mapped_column(server_default="live")
    parent_id: Mapped[UUID | None]
    legal_entity_id: Mapped[UUID | None]
    time_zone: Mapped[str | None]
    calendar_id: Mapped[UUID | None]
    opens_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    periods: Mapped[list[dict[str, Any]]]


listed_by(BusinessUnit, BusinessUnit.parent_id, BusinessUnit.legal_entity_id, BusinessUnit.kind)
Index(None, BusinessUnit.tenant_id, BusinessUnit.sort_name, BusinessUnit.id)
Index(None, BusinessUnit.tenant_id, BusinessUnit.calendar_id)
Index("ix_business_units_search_pieces", BusinessUnit.search_pieces, postgresql_using="gin")
Index(
    "uq_business_units_live_code",
    BusinessUnit.tenant_id,
    BusinessUnit.code,
    unique=True,
    postgresql_where=text("state = 'live' AND code IS NOT NULL"),
)


class BusinessUnitPeriod(Base):
    """Where a unit stands from one date until before another, to ask by dates.

    Each end is the beginning of another period of the unit, no two have the same end, and so
    periods neither overlap nor leave a gap; the last one has no end.
    """

    __tablename__ = "business_unit_periods"
    __table_args__ = (
        refers("unit_id", "business_units"),
        refers("parent_id", "business_units"),
        refers("legal_entity_id", "legal_entities"),
        ForeignKeyConstraint(
            ["tenant_id", "unit_id", "until_on"],
            [
                "business_unit_periods.tenant_id",
                "business_unit_periods.unit_id",
                "business_unit_periods.from_on",
            ],
            name="fk_business_unit_periods_next",
            deferrable=True,
            initially="DEFERRED",
        ),
        UniqueConstraint(
            "tenant_id",
            "unit_id",
            "until_on",
            name="uq_business_unit_periods_until_on",
            deferrable=True,
            initially="DEFERRED",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("until_on > from_on", name="begins_before_it_ends"),
        CheckConstraint("parent_id <> unit_id", name="not_its_own_parent"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(primary_key=True)
    from_on: Mapped[date] = mapped_column(primary_key=True)
    until_on: Mapped[date | None]
    parent_id: Mapped[UUID | None]
    legal_entity_id: Mapped[UUID | None]


Index(None, BusinessUnitPeriod.tenant_id, BusinessUnitPeriod.from_on)
for _asked in (BusinessUnitPeriod.parent_id, BusinessUnitPeriod.legal_entity_id):
    Index(None, BusinessUnitPeriod.tenant_id, _asked)


class BusinessUnitLine(Base):
    """That a unit is below another one today, `depth` steps; every unit is 0 steps below itself."""

    __tablename__ = "business_unit_lines"
    __table_args__ = (
        refers("ancestor_id", "business_units"),
        refers("unit_id", "business_units"),
        CheckConstraint("depth BETWEEN 0 AND 11", name="twelve_levels"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    ancestor_id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(primary_key=True)
    depth: Mapped[int]


Index(None, BusinessUnitLine.tenant_id, BusinessUnitLine.unit_id, BusinessUnitLine.depth)
