from crm_api.kit.errors import Invalid
from crm_api.kit.words import Words, say


class UnfitPriceBook(Invalid):
    """Parts of a price book that cannot be together."""

    def __init__(self, field: str, code: str, message: Words) -> None:
        super().__init__(
            say("The price book cannot be so."),
            {"pointer": f"/{field}", "code": code, "message": message},
        )
