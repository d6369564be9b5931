from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import say


class UnknownColumns(Invalid):
    """Columns by places such as `/columns/0`."""

    def __init__(self, places: list[str]) -> None:
        message = say("Send a column of the how-to on imports and exports, or of a field.")
        wrong: list[FieldError] = [
            {"pointer": place, "code": "unknown_column", "message": message} for place in places
        ]
        super().__init__(say("There are no such columns."), *wrong)
