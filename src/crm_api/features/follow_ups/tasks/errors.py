from crm_api.kit.errors import Invalid
from crm_api.kit.words import say


class IncompleteTask(Invalid):
    """A task that is seen for the first time needs a subject."""

    def __init__(self) -> None:
        message = say("This field is required for a task that is not there yet.")
        super().__init__(
            say("No task has this external id yet."),
            {"pointer": "/subject", "code": "missing", "message": message},
        )
