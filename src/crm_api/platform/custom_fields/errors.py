from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import say


class NotFit(Invalid):
    """Members of a definition that do not go together."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(say("The definition contradicts itself."), *errors)


class TooManyFields(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(say("A noun has {most} live fields at most: retire one first.", most=most))


class InPurge(Conflict):
    """What is being purged is changed no more."""

    def __init__(self) -> None:
        super().__init__(say("This field is being purged: repeat `purge` until it is complete."))


class JustRetired(Conflict):
    """Requests that began before a retirement may still write values."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            say("The field was retired a moment ago, and requests may still be writing to it."),
            headers={"Retry-After": str(seconds)},
        )


class WrongValues(Invalid):
    """Values that do not fit the definitions of their fields."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(say("The values of custom fields do not fit their definitions."), *errors)
