from collections.abc import Iterable

from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import Words, say


class UnfitTicket(Invalid):
    """Fields of a ticket that do not fit one another."""

    def __init__(self, pointer: str, code: str, message: Words) -> None:
        wrong: FieldError = {"pointer": pointer, "code": code, "message": message}
        super().__init__(say("The fields of the ticket do not fit one another."), wrong)


class IncompleteTicket(Invalid):
    """A ticket that is seen for the first time needs somebody who asks, and what for."""

    def __init__(self, *lacking: str) -> None:
        message = say("This field is required for a ticket that is not there yet.")
        wrong: list[FieldError] = [
            {"pointer": f"/{name}", "code": "missing", "message": message} for name in lacking
        ]
        super().__init__(say("A new ticket needs a requester and a subject."), *wrong)


class SettledTicket(Conflict):
    """A ticket has its number and its unit for life."""

    def __init__(self, fields: Iterable[str]) -> None:
        message = say("A ticket keeps it.")
        wrong: list[FieldError] = [
            {"pointer": f"/{name}", "code": "ticket_settled", "message": message} for name in fields
        ]
        super().__init__(say("The ticket has been made already."), *wrong)
