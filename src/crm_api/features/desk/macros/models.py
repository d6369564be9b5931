from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import listed_by, refers
from crm_api.kit.naming import Named


class MacroState(StrEnum):
    live = "live"
    archived = "archived"


class Macro(Named):
    """What it does is kept as the contract has it."""

    __tablename__ = "macros"
    __table_args__ = (refers("business_unit_id", "business_units"),)

    description: Mapped[str | None]
    business_unit_id: Mapped[UUID | None]
    actions: Mapped[dict[str, Any]]
    state: Mapped[MacroState] = mapped_column(server_default="live")


listed_by(Macro, Macro.business_unit_id)
Index(None, Macro.tenant_id, Macro.sort_name, Macro.id)
Index("ix_macros_search_pieces", Macro.search_pieces, postgresql_using="gin")
Index("uq_macros_name", Macro.tenant_id, Macro.name, unique=True)
