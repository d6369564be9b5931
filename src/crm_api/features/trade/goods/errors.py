from collections.abc import Iterable

from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import Words, say

Wrong = tuple[str, str, Words]
"""A pointer, a code and words."""


class UnfitGoods(Invalid):
    """What does not fit what of an order has been shipped and returned."""

    def __init__(self, wrong: Iterable[Wrong]) -> None:
        found: list[FieldError] = [
            {"pointer": pointer, "code": code, "message": message}
            for pointer, code, message in wrong
        ]
        super().__init__(say("This does not fit what has been shipped of the order."), *found)
