from collections.abc import Iterable

from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import Words, say

Wrong = tuple[str, str, Words]
"""A pointer, a code and words."""


class SettledReturn(Conflict):
    """What comes back, and why, stays as it was decided on."""

    def __init__(self, fields: Iterable[str], status: str) -> None:
        message = say("A return that is {status} keeps it.", status=status)
        wrong: list[FieldError] = [
            {"pointer": f"/{name}", "code": "return_settled", "message": message} for name in fields
        ]
        super().__init__(say("The return has come too far for this change."), *wrong)


class NotAwaited(Invalid):
    """More has arrived than was to come back."""

    def __init__(self, wrong: Iterable[Wrong]) -> None:
        found: list[FieldError] = [
            {"pointer": pointer, "code": code, "message": message}
            for pointer, code, message in wrong
        ]
        super().__init__(say("The return is not about so much."), *found)
