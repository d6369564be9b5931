import itertools
from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, BaseModel, Field, model_validator

from crm_api.kit.forms import form
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import CountryCode, EntityRead, Input, Line
from crm_api.kit.times import CalendarDate, Timestamp, TimeZone
from crm_api.kit.words import misfit, say

from .models import BusinessCalendar
from .resource import BUSINESS_CALENDAR

BusinessCalendarId = Annotated[UUID, BUSINESS_CALENDAR.prefix]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
YEAR = 366 * 86_400
Name = Annotated[Line, Field(max_length=100, examples=["Shanghai office"])]
Clock = Annotated[
    str,
    form(
        "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
        say("Send a time of day such as 09:00, or 24:00 for the midnight that ends the day."),
        examples=["09:00"],
    ),
]
Subdivision = Annotated[
    str,
    form(
        "^[0-9A-Z]{1,4}$",
        say("Send the part of the country without the country, such as BY of DE-BY."),
        description="ISO 3166-2 part of the country, where its holidays differ.",
        examples=["BY"],
    ),
]


class WorkingHoursInput(Input):
    """From `opens` until before `closes`, by the clock of the calendar's zone."""

    opens: Clock
    closes: Annotated[Clock, Field(examples=["12:00"])]

    @model_validator(mode="after")
    def _in_order(self) -> "WorkingHoursInput":
        if minute(self.opens) >= minute(self.closes):
            raise misfit("hours_not_in_order", say("Hours must close after they open"))
        return self


class WorkingHours(BaseModel):
    """From `opens` until before `closes`, by the clock of the calendar's zone."""

    opens: Annotated[str, Field(examples=["09:00"])]
    closes: Annotated[str, Field(examples=["12:00"])]


def _apart(hours: list[WorkingHoursInput]) -> list[WorkingHoursInput]:
    ordered = sorted(hours, key=lambda some: some.opens)
    for one, next in itertools.pairwise(ordered):
        if minute(one.closes) > minute(next.opens):
            raise misfit("hours_overlap", say("Hours of a day must not overlap"))
    return ordered


HoursOfDay = Annotated[
    list[WorkingHoursInput],
    Field(max_length=24, examples=[[{"opens": "09:00", "closes": "12:00"}]]),
    AfterValidator(_apart),
]


class WeekInput(Input):
    """The hours of each day of the week; none where nobody works."""

    monday: HoursOfDay | MISSING = MISSING
    tuesday: HoursOfDay | MISSING = MISSING
    wednesday: HoursOfDay | MISSING = MISSING
    thursday: HoursOfDay | MISSING = MISSING
    friday: HoursOfDay | MISSING = MISSING
    saturday: HoursOfDay | MISSING = MISSING
    sunday: HoursOfDay | MISSING = MISSING


class Week(BaseModel):
    """The hours of each day of the week; none where nobody works."""

    monday: list[WorkingHours]
    tuesday: list[WorkingHours]
    wednesday: list[WorkingHours]
    thursday: list[WorkingHours]
    friday: list[WorkingHours]
    saturday: list[WorkingHours]
    sunday: list[WorkingHours]


class CalendarExceptionInput(Input):
    """A date that is not as the week and the country would have it."""

    on: CalendarDate
    name: Annotated[Line, Field(max_length=100, examples=["Stocktaking"])] | None = None
    hours: Annotated[HoursOfDay, Field(description="None where nobody works on that date.")] = []


class CalendarException(BaseModel):
    """A date that is not as the week and the country would have it."""

    on: CalendarDate
    name: str | None
    hours: list[WorkingHours]


def _each_once(exceptions: list[CalendarExceptionInput]) -> list[CalendarExceptionInput]:
    if len({one.on for one in exceptions}) < len(exceptions):
        raise misfit("date_twice", say("A date has one exception"))
    return sorted(exceptions, key=lambda one: one.on)


Exceptions = Annotated[
    list[CalendarExceptionInput],
    Field(max_length=1_000, description="Dates with hours of their own; they win over all else."),
    AfterValidator(_each_once),
]
Country = Annotated[
    CountryCode,
    Field(
        description="Country whose public holidays are free, and whose make-up workdays (调休) are "
        "worked; null for neither. What a government announces late comes with a new release; an "
        "exception says it until then."
    ),
]
MakeUpHours = Annotated[
    HoursOfDay,
    Field(description="Hours of make-up workdays; null for those of the first day that has any."),
]
Inherits = Annotated[
    BusinessCalendarId,
    Field(
        description="A calendar whose exceptions hold here too, unless this one has another for "
        "the date: one place for what a group decides about its holidays."
    ),
]


class BusinessCalendarCreate(Input):
    name: Name
    time_zone: TimeZone
    week: WeekInput
    country: Country | None = None
    subdivision: Subdivision | None = None
    make_up_hours: MakeUpHours | None = None
    exceptions: Exceptions = []
    inherits_id: Inherits | None = None


class BusinessCalendarUpdate(Input):
    """Days of the week that are left out stay as they are; exceptions are replaced together."""

    name: Name | MISSING = MISSING
    time_zone: TimeZone | MISSING = MISSING
    week: WeekInput | MISSING = MISSING
    country: Country | MISSING | None = MISSING
    subdivision: Subdivision | MISSING | None = MISSING
    make_up_hours: MakeUpHours | MISSING | None = MISSING
    exceptions: Exceptions | MISSING = MISSING
    inherits_id: Inherits | MISSING | None = MISSING


class BusinessCalendarRead(EntityRead):
    """When somebody works: due dates are reckoned with it."""

    table = BusinessCalendar

    id: BusinessCalendarId
    object: Literal["business_calendar"]
    name: Annotated[str, Field(examples=["Shanghai office"])]
    time_zone: Annotated[str, Field(examples=["Asia/Shanghai"])]
    week: Week
    country: Annotated[str | None, Field(examples=["CN"])]
    subdivision: Annotated[str | None, Field(examples=[None])]
    make_up_hours: list[WorkingHours] | None
    exceptions: list[CalendarException]
    inherits_id: Annotated[BusinessCalendarId | None, Field(examples=[None])]


class BusinessCalendarPage(Page[BusinessCalendarRead]):
    """One page of business calendars."""


class BusinessCalendarQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]


class TimeToAdd(Input):
    start: Timestamp
    seconds: Annotated[
        int,
        Field(
            ge=-10 * YEAR,
            le=10 * YEAR,
            description="Business time; negative to go back.",
            examples=[7_200],
        ),
    ]


class TimeAdded(BaseModel):
    """The first instant by which so much business time has gone by."""

    object: Literal["time_added"]
    start: Timestamp
    seconds: int
    end: Timestamp


class TimeBetween(Input):
    start: Timestamp
    end: Timestamp

    @model_validator(mode="after")
    def _in_order(self) -> "TimeBetween":
        if self.start > self.end:
            raise misfit("end_before_start", say("The end must not be before the start"))
        if (self.end - self.start).total_seconds() > 10 * YEAR:
            raise misfit("span_too_long", say("Ask for ten years at most"))
        return self


class TimeElapsed(BaseModel):
    """How much business time went by; it adds up over any split."""

    object: Literal["time_elapsed"]
    start: Timestamp
    end: Timestamp
    seconds: Annotated[int, Field(description="Whole ones.", examples=[7_200])]


class DaysAsked(Input):
    from_on: Annotated[
        CalendarDate | None,
        Field(description="The first date; left out, today in the calendar's zone."),
    ] = None
    days: Annotated[int, Field(ge=1, le=400)] = 31


class CalendarDay(BaseModel):
    """The hours of a date, and why it has them."""

    on: CalendarDate
    hours: list[WorkingHours]
    because: Annotated[
        str,
        Field(
            json_schema_extra={
                "x-extensible-enum": ["week", "public_holiday", "make_up_workday", "exception"]
            },
            examples=["public_holiday"],
        ),
    ]
    name: Annotated[
        str | None,
        Field(description="As the country, or the exception, calls it.", examples=["春节"]),
    ]


class CalendarDays(BaseModel):
    """Dates, one after another."""

    object: Literal["calendar_days"]
    time_zone: Annotated[str, Field(examples=["Asia/Shanghai"])]
    days: list[CalendarDay]


def minute(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
