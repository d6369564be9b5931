from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Entity, listed_by


class RoleState(StrEnum):
    live = "live"
    archived = "archived"


class Reach(StrEnum):
    own = "own"
    team = "team"
    unit = "unit"
    subtree = "subtree"
    group = "group"


class Access(StrEnum):
    """What a role leaves of a field, the least last; nothing is said of what can be written."""

    read = "read"
    mask = "mask"


class Role(Entity):
    """What its holders may do, and how far; one with a `code` came with the product."""

    __tablename__ = "roles"

    name: Mapped[str]
    description: Mapped[str | None]
    code: Mapped[str | None]
    permissions: Mapped[list[dict[str, Any]]]
    masked: Mapped[bool]
    fields: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    state: Mapped[RoleState] = mapped_column(server_default="live")


listed_by(Role)
Index(
    "uq_roles_code",
    Role.tenant_id,
    Role.code,
    unique=True,
    postgresql_where=text("code IS NOT NULL"),
)
