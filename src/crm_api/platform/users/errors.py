from crm_api.kit.errors import Conflict, Invalid, UnknownReference
from crm_api.kit.words import say


class HasGone(Conflict):
    """Who has left, or never came, is read, and not changed."""

    def __init__(self, state: str) -> None:
        super().__init__(say("This user is {state}, and stays so.", state=state))


class Suspended(Conflict):
    """Whether a link opens a door, and which, is not decided while the user is shut out."""

    def __init__(self) -> None:
        super().__init__(say("This user is suspended: reactivate the user first."))


class LinkedAlready(Conflict):
    """A user is one subject; another one takes the place of none."""

    def __init__(self) -> None:
        super().__init__(say("This user is linked to another subject: unlink that first."))


class OwnManager(Invalid):
    def __init__(self) -> None:
        super().__init__(
            say("Nobody reports to themselves."),
            {
                "pointer": "/manager_id",
                "code": "own_manager",
                "message": say("Send another user, or null."),
            },
        )


class TooManyUsers(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(say("A record lists {most} users at most.", most=most))


class UnknownUsers(UnknownReference):
    """Somebody who has never been here, or has left, is nobody to work with."""

    def __init__(self, places: list[str]) -> None:
        super().__init__(*places, message=say("There is no such user, or not any more."))
