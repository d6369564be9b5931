from crm_api.kit.errors import Invalid
from crm_api.kit.words import Words, say


class UnfitChannel(Invalid):
    """A part that a channel of its kind cannot have, or cannot be without."""

    def __init__(self, field: str, code: str, message: Words) -> None:
        super().__init__(
            say("The channel cannot be so."),
            {"pointer": f"/{field}", "code": code, "message": message},
        )
