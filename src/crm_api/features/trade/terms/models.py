from enum import StrEnum


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
