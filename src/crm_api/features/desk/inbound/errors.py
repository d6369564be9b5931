from crm_api.kit.errors import Conflict
from crm_api.kit.words import say


class NotByThisChannel(Conflict):
    """A channel takes what is of its kind."""

    def __init__(self, kind: str) -> None:
        super().__init__(say("Nothing of this form comes by a channel of kind {kind}.", kind=kind))


class NoRoom(Conflict):
    """A ticket is of a unit, and there is none."""

    def __init__(self) -> None:
        super().__init__(say("Say in the channel for which business unit its tickets are."))
