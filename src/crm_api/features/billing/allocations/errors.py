from collections.abc import Iterable

from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import Words, say

Wrong = tuple[str, str, Words]
"""A pointer, a code and words."""


class UnfitAllocations(Invalid):
    """More than a receipt has, or than an order needs; or an order that it cannot pay for."""

    def __init__(self, wrong: Iterable[Wrong]) -> None:
        told: list[FieldError] = [
            {"pointer": pointer, "code": code, "message": message}
            for pointer, code, message in wrong
        ]
        super().__init__(say("The receipt cannot pay for this."), *told)
