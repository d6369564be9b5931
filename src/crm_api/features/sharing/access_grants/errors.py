from crm_api.kit.errors import FieldError, Forbidden, Invalid
from crm_api.kit.words import Words, say


class OnlyShared(Forbidden):
    """Whom others share a customer with neither shares it on nor for longer."""

    def __init__(self) -> None:
        super().__init__(say("Others share this customer with you: they decide who else sees it."))


class WrongTerms(Invalid):
    """What a grant cannot be given on."""

    def __init__(self, *wrong: FieldError) -> None:
        super().__init__(say("Access cannot be given so."), *wrong)


class WrongUntil(WrongTerms):
    """An end that has passed."""

    def __init__(self) -> None:
        message = say("Send a time to come.")
        super().__init__({"pointer": "/until", "code": "in_the_past", "message": message})


class NeedsBasis(WrongTerms):
    """Persons' data leaves a legal entity on a basis only, for somebody and something that is named
    (PIPL, articles 20, 21 and 23)."""

    def __init__(self, *missing: str) -> None:
        message: Words = say("Needed for a person whose data goes to another legal entity.")
        wrong = (FieldError(pointer=f"/{m}", code="missing", message=message) for m in missing)
        super().__init__(*wrong)
