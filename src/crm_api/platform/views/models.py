from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy.orm import Mapped

from crm_api.kit.db import Entity, listed_by
from crm_api.kit.sight import OwnAndShared, Sight


class View(Entity):
    """A search that somebody comes back to; `search` is the body of the collection's search."""

    __tablename__ = "views"
    sight: ClassVar[Sight | None] = OwnAndShared("owner_id", "shared")

    name: Mapped[str]
    resource: Mapped[str]
    search: Mapped[dict[str, Any]]
    shared: Mapped[bool]
    owner_id: Mapped[UUID]


listed_by(View, View.owner_id)
