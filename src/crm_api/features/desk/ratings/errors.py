from crm_api.kit.errors import Conflict, FieldError, Gone, Invalid
from crm_api.kit.words import say


class AnsweredAlready(Conflict):
    def __init__(self) -> None:
        super().__init__(say("This has been answered already."))


class RatingExpiredAlready(Gone):
    def __init__(self) -> None:
        super().__init__(say("This could be answered for some time, and that is over."))


class NotAsked(Conflict):
    """There is nothing that a customer could answer."""

    def __init__(self) -> None:
        super().__init__(say("The customer is not asked, or not asked yet."))


class NotResolved(Conflict):
    def __init__(self) -> None:
        super().__init__(say("A ticket is rated once it is resolved."))


class OffTheScale(Invalid):
    """Each kind of rating has a scale of its own."""

    def __init__(self, lowest: int, highest: int) -> None:
        wrong: FieldError = {
            "pointer": "/score",
            "code": "off_the_scale",
            "message": say(
                "Send a number from {lowest} to {highest}.", lowest=lowest, highest=highest
            ),
        }
        super().__init__(say("The rating does not fit its scale."), wrong)
