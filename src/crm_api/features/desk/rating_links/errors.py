from crm_api.kit.errors import NotFound
from crm_api.kit.words import say


class UnknownLink(NotFound):
    """It was never made, or its tenant is not served any more."""

    def __init__(self) -> None:
        super().__init__(say("There is no such link."))
