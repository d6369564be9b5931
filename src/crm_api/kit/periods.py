"""Of some things one record is in force at a time: the database refuses a second one."""

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from .errors import DuplicateValue, FieldError
from .words import say


class PeriodOverlaps(DuplicateValue):
    """What another record has already is that it is in force, on some of the days."""

    code = "period-overlaps"

    def __init__(self, pointer: str) -> None:
        wrong: FieldError = {
            "pointer": pointer,
            "code": "overlaps",
            "message": say(
                "Send days on which no other is in force, or let the other one end before."
            ),
        }
        super().__init__(say("Another record is in force on some of these days."), wrong)


def one_at_a_time(
    table: str, *same: str, since: str = "valid_from_on", until: str = "valid_until_on"
) -> ExcludeConstraint:
    """No two rows with the `same` values are in force on one day: each is from the day in `since`
    until before the one in `until`, or for ever where that is null.

    Who breaks it is told 409 `period-overlaps`. A period without a day overlaps with none, so the
    table also has a check that `until` is after `since`. Two who write at once what overlaps would
    wait for each other (see PostgreSQL, exclusion constraints): repositories take turns, `alone`.
    """
    return ExcludeConstraint(
        *((name, "=") for name in ("tenant_id", *same)),
        (text(f"daterange({since}, {until})"), "&&"),
        name=f"ex_{table}_{since}",
        info={"pointer": f"/{since}", "period": (since, until)},
    )
