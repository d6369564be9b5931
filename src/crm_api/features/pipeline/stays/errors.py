from crm_api.kit.errors import Conflict
from crm_api.kit.words import say


class OpenDealsThere(Conflict):
    """Open deals are never in a stage or pipeline that is out of use."""

    def __init__(self, deals: int) -> None:
        super().__init__(
            say("Open deals are there ({deals}, archived ones too): move them first.", deals=deals)
        )
