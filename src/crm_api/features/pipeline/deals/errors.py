from collections.abc import Iterable

from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import say


class Closed(Conflict):
    """What a deal was when it was closed stays so; reports stand on it."""

    def __init__(self, fields: Iterable[str]) -> None:
        message = say("Reopen the deal before you change this.")
        wrong: list[FieldError] = [
            {"pointer": f"/{name}", "code": "deal_closed", "message": message} for name in fields
        ]
        super().__init__(say("This deal is closed: what it was then stays so."), *wrong)


class IncompleteDeal(Invalid):
    """A deal that is seen for the first time needs a customer and a name."""

    def __init__(self, missing: Iterable[str]) -> None:
        message = say("This field is required for a deal that is not there yet.")
        wrong: list[FieldError] = [
            {"pointer": f"/{name}", "code": "missing", "message": message} for name in missing
        ]
        super().__init__(say("No deal has this external id yet."), *wrong)


class NewOnly(Invalid):
    """Where a deal is that is there already is changed by moving it."""

    def __init__(self, field: str) -> None:
        message = say("This is of a new deal: move the one that is there.")
        super().__init__(
            say("The deal is there already."),
            {"pointer": f"/{field}", "code": "new_only", "message": message},
        )
