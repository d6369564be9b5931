from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import Words, say


class TooManyEndpoints(Invalid):
    def __init__(self, most: int) -> None:
        super().__init__(
            say("A tenant has {most} webhook endpoints at most: delete one first.", most=most)
        )


class WrongField(Invalid):
    """A member of an endpoint that cannot be so."""

    def __init__(self, pointer: str, code: str, message: Words) -> None:
        error: FieldError = {"pointer": pointer, "code": code, "message": message}
        super().__init__(say("The webhook endpoint cannot be so."), error)
