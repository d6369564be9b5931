from crm_api.kit.errors import Invalid
from crm_api.kit.words import say


class TooManyMembers(Invalid):
    """A queue would have more members than it may."""

    def __init__(self, most: int) -> None:
        message = say("A queue has {most} members at most.", most=most)
        super().__init__(
            say("The queue cannot have so many members."),
            {"pointer": "/agent_ids", "code": "too_many_members", "message": message},
        )
