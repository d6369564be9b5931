from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import say


class DefaultStatus(Conflict):
    """What tickets of a category have where nothing else is said is always there."""

    def __init__(self) -> None:
        super().__init__(say("The default status of a category stays: rename it instead."))


class OtherCategory(Invalid):
    """A status that does not say what is to become of the ticket."""

    def __init__(self, wanted: str) -> None:
        wrong: FieldError = {
            "pointer": "/status_id",
            "code": "other_category",
            "message": say("Send a status of the category {category}.", category=wanted),
        }
        super().__init__(say("The status is of another category."), wrong)
