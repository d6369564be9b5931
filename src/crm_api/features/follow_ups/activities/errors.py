from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import Words, say


class Misfitting(Invalid):
    """A field that does not fit the others of the activity."""

    def __init__(self, field: str, code: str, message: Words) -> None:
        wrong: FieldError = {"pointer": f"/{field}", "code": code, "message": message}
        super().__init__(say("The activity cannot be like this."), wrong)


class ReasonRequired(Misfitting):
    """What was done stays as it was written down, or it is said why not."""

    def __init__(self) -> None:
        super().__init__(
            "reason",
            "reason_required",
            say("It was done more than 24 hours ago: say why you change it."),
        )


class StaysInItsUnit(Conflict):
    """Whose an activity is follows from its unit, and so does who sees it."""

    def __init__(self) -> None:
        wrong: FieldError = {
            "pointer": "/business_unit_id",
            "code": "other_unit",
            "message": say("Leave it out, or send the unit that the activity has."),
        }
        super().__init__(say("An activity stays in its business unit."), wrong)


class IncompleteActivity(Invalid):
    """An activity that is seen for the first time needs a kind and a subject."""

    def __init__(self, missing: list[str]) -> None:
        message = say("This field is required for an activity that is not there yet.")
        wrong: list[FieldError] = [
            {"pointer": f"/{name}", "code": "missing", "message": message} for name in missing
        ]
        super().__init__(say("No activity has this external id yet."), *wrong)
