from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import Words, say


class TooFar(Conflict):
    """There is not so much business time in the next ten years, or in the last."""

    def __init__(self) -> None:
        super().__init__(say("The calendar does not have so much business time within ten years."))


class CountryUnknown(Invalid):
    """Nothing is known of the holidays there."""

    def __init__(self, field: str, message: Words) -> None:
        said: FieldError = {"pointer": f"/{field}", "code": "country_unknown", "message": message}
        super().__init__(say("The public holidays there are not known."), said)
