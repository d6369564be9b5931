from crm_api.kit.errors import Conflict
from crm_api.kit.words import say


class TooManyRules(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(
            say("A provider has {most} role rules at most: delete one first.", most=most)
        )
