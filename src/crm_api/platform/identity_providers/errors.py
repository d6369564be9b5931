from crm_api.kit.errors import Conflict
from crm_api.kit.words import say


class TooManyProviders(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(
            say("A tenant trusts {most} identity providers at most: delete one first.", most=most)
        )
