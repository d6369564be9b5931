from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from crm_api.features.customers.queries import State
from crm_api.kit import tree

Action = Literal["archive", "restore", "update", "add_tags", "remove_tags"]


class About(BaseModel):
    """Which customers are meant; what is told from now is told from `now`."""

    filter: tree.Filter
    state: State
    now: datetime


class Change(BaseModel):
    """What becomes of customers: of those that a filter finds, or of `ids`, which are so many."""

    action: Action
    values: dict[str, Any]
    about: About | None
    ids: int
