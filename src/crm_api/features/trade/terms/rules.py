"""How far orders are, and how they go from one state to another: pure functions."""

from datetime import datetime
from enum import StrEnum
from typing import Any


class OrderStatus(StrEnum):
    draft = "draft"
    confirmed = "confirmed"
    in_progress = "in_progress"
    completed = "completed"
    cancelled = "cancelled"


class Pricing(StrEnum):
    computed = "computed"
    given = "given"


class ShipmentStatus(StrEnum):
    none = "none"
    partial = "partial"
    full = "full"
    returned = "returned"


class MoneyStatus(StrEnum):
    none = "none"
    partial = "partial"
    full = "full"
    over = "over"


ON_THE_WAY = (
    OrderStatus.draft,
    OrderStatus.confirmed,
    OrderStatus.in_progress,
    OrderStatus.completed,
)
REACHED = {
    OrderStatus.confirmed: "confirmed_at",
    OrderStatus.completed: "completed_at",
    OrderStatus.cancelled: "cancelled_at",
}


def steps(now: OrderStatus, wanted: OrderStatus) -> list[OrderStatus]:
    """The states that lead from one to another, that one included; none where it was passed."""
    if wanted == OrderStatus.cancelled or now == OrderStatus.cancelled:
        return [] if wanted in (now, OrderStatus.draft) else [wanted]
    if ON_THE_WAY.index(wanted) <= ON_THE_WAY.index(now):
        return []
    is_new = now == OrderStatus.draft and wanted != OrderStatus.confirmed
    return [OrderStatus.confirmed, wanted] if is_new else [wanted]


def reached(to: OrderStatus, now: datetime) -> dict[str, Any]:
    return {"status": to, REACHED[to]: now}
