from collections.abc import Sequence

from crm_api.kit.errors import FieldError, InvalidTransition
from crm_api.kit.words import say


class NotReachable(InvalidTransition):
    """A stage to which this deal cannot come from where it is; `errors` say why."""

    def __init__(self, here: str, allowed: Sequence[str], *wrong: FieldError) -> None:
        detail = say("The deal cannot come there from stage {stage}.", stage=here)
        super().__init__(detail, *wrong, current=here, allowed=list(allowed))


class ClosedDeal(InvalidTransition):
    """What is closed is reopened before it goes on."""

    def __init__(self, status: str) -> None:
        detail = say("This deal is {status}: reopen it before it goes on.", status=status)
        super().__init__(detail, current=status, allowed=[])


class OpenDeal(InvalidTransition):
    def __init__(self, status: str) -> None:
        super().__init__(say("This deal is open already."), current=status, allowed=["won", "lost"])
