from collections.abc import Sequence

from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import Words, say


class _UnfitGrade(Invalid):
    def __init__(self, code: str, message: Words) -> None:
        wrong: FieldError = {"pointer": "/grade", "code": code, "message": message}
        super().__init__(say("The unit cannot give this grade."), wrong)


class NoGradeScheme(_UnfitGrade):
    """Neither the unit, nor one above it, nor the group says which grades there are."""

    def __init__(self) -> None:
        super().__init__("no_grade_scheme", say("No grade scheme is in force in this unit."))


class UnknownGrade(_UnfitGrade):
    """The scheme in force has no such grade."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__("unknown_grade", say("Send one of {choices}.", choices=", ".join(codes)))
