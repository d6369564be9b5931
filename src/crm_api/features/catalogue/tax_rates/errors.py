from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import say


class EndsTooEarly(Invalid):
    """A rate that ends before it begins is in force on no day."""

    def __init__(self) -> None:
        wrong: FieldError = {
            "pointer": "/valid_until_on",
            "code": "ends_too_early",
            "message": say("Send a date after `valid_from_on`."),
        }
        super().__init__(say("The rate would be in force on no day."), wrong)
