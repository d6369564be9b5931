from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, Entity, listed_by, refers
from crm_api.kit.reach import ByViewers, Viewer
from crm_api.kit.sight import Sight


class CustomerKind(StrEnum):
    person = "person"
    organization = "organization"


class CustomerState(StrEnum):
    live = "live"
    archived = "archived"


class Gender(StrEnum):
    female = "female"
    male = "male"
    other = "other"


class CustomerViewer(Viewer):
    """Which units and users see and change a customer, by what makes it so: a unit's profile."""

    __tablename__ = "customer_viewers"
    __table_args__ = (
        refers("customer_id", "customers", ondelete="CASCADE"),
        Index(None, "tenant_id", "customer_id"),
    )

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)


class Customer(Entity):
    """What belongs to the customer lives in this row; `CustomerKey` only finds it."""

    __tablename__ = "customers"
    sight: ClassVar[Sight | None] = ByViewers("customers", CustomerViewer, "customer_id")
    __table_args__ = (
        refers("parent_id", "customers"),
        CheckConstraint(
            "kind = 'person' OR num_nonnulls(family_name, given_name, gender, born_on, language, "
            "occupation, education, income_band, title) = 0",
            name="person_parts",
        ),
        CheckConstraint(
            "kind = 'organization' OR num_nonnulls(legal_name, uscc, industry, size_band, website, "
            "parent_id) = 0",
            name="organization_parts",
        ),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    )

    kind: Mapped[CustomerKind]
    state: Mapped[CustomerState] = mapped_column(server_default="live")
    name: Mapped[str]
    sort_name: Mapped[str] = mapped_column(Text(collation="C"))
    source: Mapped[str | None]
    acquired_at: Mapped[datetime]
    contact_points: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    addresses: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    external_ids: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    external_id_aliases: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    tags: Mapped[list[str]] = mapped_column(server_default="{}")
    preferences: Mapped[dict[str, Any]]
    custom: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    search_text: Mapped[str] = mapped_column(server_default="")
    search_pieces: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default="{}")

    family_name: Mapped[str | None]
    given_name: Mapped[str | None]
    gender: Mapped[Gender | None]
    born_on: Mapped[date | None]
    language: Mapped[str | None]
    occupation: Mapped[str | None]
    education: Mapped[str | None]
    income_band: Mapped[str | None]
    title: Mapped[str | None]

    legal_name: Mapped[str | None]
    uscc: Mapped[str | None]
    industry: Mapped[str | None]
    size_band: Mapped[str | None]
    website: Mapped[str | None]
    parent_id: Mapped[UUID | None]


listed_by(Customer, Customer.kind, Customer.source, Customer.parent_id)
Index(None, Customer.tenant_id, Customer.updated_at, Customer.id)
Index(None, Customer.tenant_id, Customer.sort_name, Customer.id)
Index(
    "ix_customers_archived",
    Customer.tenant_id,
    Customer.created_at,
    Customer.id,
    postgresql_where=text("state = 'archived'"),
)
Index(
    "ix_customers_archived_uscc",
    Customer.tenant_id,
    Customer.uscc,
    postgresql_where=text("state = 'archived' AND uscc IS NOT NULL"),
)
Index("ix_customers_search_pieces", Customer.search_pieces, postgresql_using="gin")
Index(
    "uq_customers_live_uscc",
    Customer.tenant_id,
    Customer.uscc,
    unique=True,
    postgresql_where=text("state = 'live' AND uscc IS NOT NULL"),
)


class KeyKind(StrEnum):
    email = "email"
    phone = "phone"
    wechat = "wechat"
    tag = "tag"


class CustomerKey(Base):
    """What a customer is found by: e-mail, phone, WeChat id, tag. Many may share one."""

    __tablename__ = "customer_keys"
    __table_args__ = (
        refers("customer_id", "customers", ondelete="CASCADE"),
        Index(None, "tenant_id", "customer_id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[KeyKind] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
