from crm_api.kit.errors import Conflict, Invalid
from crm_api.kit.words import say


class TooManyPolicies(Conflict):
    """Each ticket is held against all of them."""

    def __init__(self, most: int) -> None:
        super().__init__(say("A tenant may have {most} live service policies.", most=most))


class DefaultForAll(Invalid):
    """What is looked at after all others has no conditions of its own."""

    def __init__(self) -> None:
        super().__init__(
            say("The policy cannot be so."),
            {
                "pointer": "/conditions",
                "code": "default_for_all",
                "message": say("Send null: a default is for whatever no other policy fits."),
            },
        )
