from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import say


class TheirOwnSuccessor(Invalid):
    """What is handed over would stay where it is."""

    def __init__(self, places: list[str]) -> None:
        told = say("Send another user.")
        wrong = (FieldError(pointer=p, code="own_successor", message=told) for p in places)
        super().__init__(say("Nobody takes over from themselves."), *wrong)
