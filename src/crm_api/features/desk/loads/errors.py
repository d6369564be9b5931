from crm_api.kit.errors import Conflict
from crm_api.kit.words import say


class AgentFull(Conflict):
    """An agent has as many open tickets as he may have."""

    def __init__(self, pointer: str) -> None:
        message = say("Choose another agent, or raise the capacity of this one.")
        super().__init__(
            say("The agent has as many open tickets as the capacity allows."),
            {"pointer": pointer, "code": "agent_full", "message": message},
        )
