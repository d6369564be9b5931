from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import say


class UnknownColumns(Invalid):
    """Columns by places such as `/columns/0`."""

    def __init__(self, places: list[str]) -> None:
        message = say(
            "There is no such column: an export without columns shows all that there are."
        )
        wrong: list[FieldError] = [
            {"pointer": place, "code": "unknown_column", "message": message} for place in places
        ]
        super().__init__(say("There are no such columns."), *wrong)
