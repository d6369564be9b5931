from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import say


class WrongReference(Invalid):
    """What is no reference, is somebody else's, or is too old."""

    def __init__(self) -> None:
        message = say("Ask for the customer again, and send the reference of that answer.")
        wrong: FieldError = {"pointer": "/reference", "code": "reference_invalid"}
        super().__init__(
            say("The reference is not one that you have been given in the last 24 hours."),
            {**wrong, "message": message},
        )
