"""When records are due, of whatever noun, and how they come again."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from crm_api.kit.recurrence import LAST
from crm_api.kit.recurrence_rules import RecurrenceRule
from crm_api.kit.schema import Input
from crm_api.kit.times import CalendarDate, Timestamp
from crm_api.kit.words import misfit, say


def _ends_in_time(day: date) -> date:
    if day > LAST:
        raise misfit("date_range", say("Send a day until {last}.", last=LAST.isoformat()))
    return day


DueOn = Annotated[
    CalendarDate,
    AfterValidator(_ends_in_time),
    Field(description="Due until the end of this day, in `time_zone`."),
]
DueAt = Annotated[Timestamp, Field(description="Due at this instant.")]


class Recurrence(Input):
    """That it comes again; the next one is made when this one is over."""

    rule: RecurrenceRule


Recurs = Annotated[
    Recurrence,
    Field(
        description="Reckoned from the time when it is due, by the clocks of `time_zone`: that is "
        "on a day of the rule. Sent with another rule or another time, it begins a new series "
        "here; null ends the series."
    ),
]


class RecurrenceRead(BaseModel):
    """That it comes again, and when."""

    rule: Annotated[str, Field(examples=["FREQ=MONTHLY;BYDAY=2TU"])]


class OccurrenceTime(BaseModel):
    """When it will be due again: as `due_on`, or as `due_at`."""

    due_on: CalendarDate | None
    due_at: Timestamp | None
    due_until: Timestamp
