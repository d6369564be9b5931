from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import Words, say

ITSELF = say("A ticket is not merged into itself.")
MERGED = say("The other ticket is merged into another one: merge it into that one.")
CLOSED = say("The other ticket is closed: nothing goes on in it.")


class MergeRefused(Conflict):
    """Two tickets that cannot become one."""

    code = "merge-refused"

    def __init__(self, why: Words) -> None:
        super().__init__(why)


class TooManyLinks(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(say("A ticket may be linked to {most} others.", most=most))


class LinkedToItself(Invalid):
    """A ticket has to do with others, not with itself."""

    def __init__(self) -> None:
        wrong: FieldError = {
            "pointer": "/to_id",
            "code": "itself",
            "message": say("Send another ticket."),
        }
        super().__init__(say("A ticket is not linked to itself."), wrong)


class OneMore(Exception):
    """Another ticket was merged while some were locked."""
