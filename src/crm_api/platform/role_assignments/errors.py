from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import Words, say


class _Unfit(Invalid):
    def __init__(self, field: str, code: str, message: Words) -> None:
        wrong: FieldError = {"pointer": f"/{field}", "code": code, "message": message}
        super().__init__(say("The role cannot be assigned so."), wrong)


class NeedsUnit(_Unfit):
    """A role that reaches as far as a unit is held in one."""

    def __init__(self) -> None:
        super().__init__("business_unit_id", "missing", say("Say in which unit."))


class ArchivedRole(_Unfit):
    def __init__(self) -> None:
        message = say("This role is archived: restore it, or choose another.")
        super().__init__("role_id", "archived", message)


class EndsBefore(_Unfit):
    """An end that is not after the beginning, or has passed."""

    def __init__(self, message: Words) -> None:
        super().__init__("ends_at", "too_early", message)


class EndedAlready(Conflict):
    def __init__(self) -> None:
        super().__init__(say("This assignment has ended already."))


class TooManyRoles(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(say("A user holds {most} roles at most.", most=most))
