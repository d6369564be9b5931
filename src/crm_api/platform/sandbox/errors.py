from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import Words, say


class RealTimeOnly(Conflict):
    """A live tenant has the time that everybody has."""

    def __init__(self) -> None:
        super().__init__(say("Only a sandbox tenant has a clock that can be advanced."))


class NotAhead(Invalid):
    """Time does not go back, and not beyond what a date may say."""

    def __init__(self, field: str, message: Words) -> None:
        error: FieldError = {
            "pointer": f"/{field}",
            "code": "clock_out_of_range",
            "message": message,
        }
        super().__init__(say("The clock cannot be set so."), error)
