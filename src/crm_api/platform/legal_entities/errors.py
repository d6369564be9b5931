from crm_api.kit.errors import Invalid
from crm_api.kit.words import say


class WrongCreditCode(Invalid):
    """In China a company is registered under its 统一社会信用代码."""

    def __init__(self) -> None:
        super().__init__(
            say("The registration number does not fit the country."),
            {
                "pointer": "/registration_number",
                "code": "uscc_invalid",
                "message": say(
                    "Send the 18 characters of a 统一社会信用代码, with its check character."
                ),
            },
        )
