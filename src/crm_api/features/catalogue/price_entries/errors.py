from crm_api.kit.errors import Invalid
from crm_api.kit.words import Words, say


class UnfitPriceEntry(Invalid):
    """A price that its book cannot have."""

    def __init__(self, place: str, code: str, message: Words) -> None:
        super().__init__(
            say("The price cannot be so."),
            {"pointer": f"/{place}", "code": code, "message": message},
        )
