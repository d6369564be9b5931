from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import listed_by, refers
from crm_api.kit.naming import Named


class UserState(StrEnum):
    invited = "invited"
    active = "active"
    suspended = "suspended"
    departed = "departed"
    revoked = "revoked"


class User(Named):
    """Somebody who works in the group. Whoever comes with a token of `subject_id` is this user."""

    __tablename__ = "users"
    __table_args__ = (
        refers("business_unit_id", "business_units"),
        refers("manager_id", "users"),
        refers("subject_id", "subjects"),
        CheckConstraint("manager_id <> id", name="not_their_own_manager"),
        CheckConstraint(
            "subject_id IS NULL OR state NOT IN ('invited', 'revoked')", name="nobody_waits_linked"
        ),
    )

    email: Mapped[str | None]
    employee_number: Mapped[str | None]
    language: Mapped[str | None]
    time_zone: Mapped[str | None]
    business_unit_id: Mapped[UUID | None]
    manager_id: Mapped[UUID | None]
    subject_id: Mapped[UUID | None]
    state: Mapped[UserState] = mapped_column(server_default="invited")


listed_by(User, User.business_unit_id, User.manager_id, User.state)
Index(None, User.tenant_id, User.sort_name, User.id)
Index("ix_users_search_pieces", User.search_pieces, postgresql_using="gin")
for _unique in (User.email, User.employee_number):
    Index(
        f"uq_users_present_{_unique.key}",
        User.tenant_id,
        _unique,
        unique=True,
        postgresql_where=text(
            f"state <> 'departed' AND state <> 'revoked' AND {_unique.key} IS NOT NULL"
        ),
    )
Index(
    "uq_users_present_subject_id",
    User.tenant_id,
    User.subject_id,
    unique=True,
    postgresql_where=text("state <> 'departed' AND subject_id IS NOT NULL"),
    info={"pointer": "/subject"},
)
Index(None, User.tenant_id, User.subject_id)
