from crm_api.kit.errors import Conflict, FieldError, Invalid, UnknownReference
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


class UnknownProvider(UnknownReference):
    def __init__(self) -> None:
        super().__init__(
            say("The request refers to a record that is not there."),
            {
                "pointer": "/identity_provider_id",
                "code": "unknown_reference",
                "message": say("There is no such record."),
            },
        )


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


class UnknownUsers(UnknownReference):
    """Somebody who has never been here, or has left, is nobody to work with."""

    def __init__(self, pointers: list[str]) -> None:
        message = say("There is no such user, or not any more.")
        wrong: list[FieldError] = [
            {"pointer": pointer, "code": "unknown_reference", "message": message}
            for pointer in pointers
        ]
        super().__init__(say("The request refers to a record that is not there."), *wrong)
