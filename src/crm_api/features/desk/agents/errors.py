from crm_api.kit.errors import Conflict, Forbidden
from crm_api.kit.words import say


class NotThatAgent(Forbidden):
    """Somebody says of another one that he is there, or is not."""

    def __init__(self) -> None:
        super().__init__(
            say("Your roles let you say of yourself whether you are there, and of nobody else."),
            missing_scope=["agents:write"],
        )


class NotEnabled(Conflict):
    """The user of an agent cannot sign in."""

    def __init__(self) -> None:
        super().__init__(say("The agent's user is not enabled: activate or reactivate it first."))
