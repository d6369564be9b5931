from datetime import date

from crm_api.kit.errors import Conflict, Invalid
from crm_api.kit.words import Words, say


class DueTwice(Invalid):
    """What is due is so on a day or at an instant."""

    def __init__(self) -> None:
        message = say("Send either due_on or due_at.")
        super().__init__(
            say("A record is due once."),
            {"pointer": "/due_at", "code": "due_twice", "message": message},
        )


class WrongRecurrence(Invalid):
    """What cannot come again in this way."""

    def __init__(self, code: str, message: Words) -> None:
        super().__init__(
            say("This cannot come again so."),
            {"pointer": "/recurrence/rule", "code": code, "message": message},
        )


class NoDue(WrongRecurrence):
    def __init__(self) -> None:
        super().__init__("no_due", say("Say when it is due: the rule is reckoned from then."))


class NeverComes(WrongRecurrence):
    def __init__(self, years: int) -> None:
        message = say("From then on the rule falls on no day within {years} years.", years=years)
        super().__init__("never", message)


class NotOnItsFirstDay(WrongRecurrence):
    """RFC 5545, 3.8.5.3, leaves open what a rule means that does not fall on its beginning."""

    def __init__(self, first: date) -> None:
        day = first.isoformat()
        message = say("Make it due on a day of the rule: the first from then on is {day}.", day=day)
        super().__init__("not_on_first_day", message)


class SeriesGoesOn(Conflict):
    def __init__(self) -> None:
        super().__init__(say("The series has gone on: say it of the last one of the series."))


class NotRepeated(Conflict):
    def __init__(self) -> None:
        super().__init__(say("This record does not come again."))


class IsOver(Conflict):
    def __init__(self) -> None:
        super().__init__(say("This record is over: reopen it before you repeat it."))
