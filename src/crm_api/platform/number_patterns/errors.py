from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import say


class NumbersTwice(Invalid):
    """A pattern begins again at 1, and its numbers do not say in which period."""

    def __init__(self, missing: str) -> None:
        wrong: FieldError = {
            "pointer": "/pattern",
            "code": "period_missing",
            "message": say("Put {token} into the pattern, or restart less often.", token=missing),
        }
        super().__init__(say("The same numbers would come again in the next period."), wrong)


class NoCode(Invalid):
    """Numbers are to name a unit that has no code."""

    def __init__(self) -> None:
        wrong: FieldError = {
            "pointer": "/business_unit_id",
            "code": "unit_without_code",
            "message": say(
                "Give the unit a code, or a number pattern without {unit}.", unit="{unit}"
            ),
        }
        super().__init__(say("The number of the document names its business unit."), wrong)
