from crm_api.kit.errors import Conflict
from crm_api.kit.words import say


class TooManyMembers(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(say("A team has {most} members at most.", most=most))
