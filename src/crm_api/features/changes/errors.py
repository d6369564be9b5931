from crm_api.kit.errors import Conflict, NotFound
from crm_api.kit.words import say


class Archived(Conflict):
    """An archived record is restored before it is changed."""

    def __init__(self) -> None:
        super().__init__(say("This record is archived: restore it before you change it."))


class NoSuchCustomer(NotFound):
    def __init__(self) -> None:
        super().__init__(say("There is no such record."))
