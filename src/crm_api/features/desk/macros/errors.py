from crm_api.kit.errors import Conflict
from crm_api.kit.words import say


class MacroElsewhere(Conflict):
    """A macro of a unit does nothing to tickets of others."""

    def __init__(self) -> None:
        super().__init__(say("The macro is for tickets of another business unit."))


class StaysComplaint(Conflict):
    """What only complaints have is not lost by the way."""

    def __init__(self) -> None:
        super().__init__(
            say("Only complaints have a level or a responsible unit: clear them before.")
        )


class TooManyTags(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(say("A ticket may have {most} tags.", most=most))


class NobodyToName(Conflict):
    """A text of a macro names somebody whom the caller does not see."""

    def __init__(self) -> None:
        super().__init__(say("The macro names the requester, whom you do not see."))
