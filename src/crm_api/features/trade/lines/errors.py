from collections.abc import Iterable

from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import Words, say

Wrong = tuple[str, str, Words]
"""A pointer, a code and words."""


class UnfitLines(Invalid):
    """Lines that do not fit one another, or their order."""

    def __init__(self, wrong: Iterable[Wrong]) -> None:
        found: list[FieldError] = [
            {"pointer": pointer, "code": code, "message": message}
            for pointer, code, message in wrong
        ]
        super().__init__(say("The lines do not fit the order."), *found)
