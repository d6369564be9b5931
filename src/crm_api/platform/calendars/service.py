from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.words import say

from .errors import CountryUnknown, TooFar
from .events import BusinessCalendarCreated, BusinessCalendarDeleted, BusinessCalendarUpdated
from .public_days import countries
from .reckoning import hours_of, shown
from .repository import BusinessCalendarRepository
from .rules import SECOND, Hours
from .schemas import (
    WEEKDAYS,
    BusinessCalendarCreate,
    BusinessCalendarQuery,
    BusinessCalendarRead,
    BusinessCalendarUpdate,
    CalendarDays,
    DaysAsked,
    TimeAdded,
    TimeBetween,
    TimeElapsed,
    TimeToAdd,
)

CLOSED: Mapping[str, Any] = {day: [] for day in WEEKDAYS}


class BusinessCalendarService:
    """When somebody works, and the arithmetic of due dates."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.calendars = BusinessCalendarRepository(ctx)

    async def list(self, query: BusinessCalendarQuery) -> Listing:
        return await self.calendars.page(query)

    async def get(self, id: UUID) -> Document[BusinessCalendarRead]:
        return await self.calendars.get(id)

    def create(self, data: BusinessCalendarCreate) -> Written[BusinessCalendarRead]:
        _check_country(data.country, data.subdivision)
        sent = data.model_dump(mode="json")
        whole = {**sent, "week": {**CLOSED, **sent["week"]}, "inherits_id": data.inherits_id}
        return self.calendars.add(BusinessCalendarCreated, id=self.ctx.new_id(), **whole)

    async def update(self, id: UUID, data: BusinessCalendarUpdate) -> Written[BusinessCalendarRead]:
        calendar = await self.calendars.load(id)
        sent = data.model_dump(mode="json") | data.model_dump(include={"inherits_id"})
        if "week" in sent:
            sent["week"] = {**calendar.week, **sent["week"]}
        known = {"country": calendar.country, "subdivision": calendar.subdivision}
        _check_country(**{name: sent.get(name, value) for name, value in known.items()})
        return self.calendars.change(calendar, BusinessCalendarUpdated, **sent)

    async def delete(self, id: UUID) -> None:
        self.calendars.remove(await self.calendars.load(id), BusinessCalendarDeleted)

    async def add_time(self, id: UUID, asked: TimeToAdd) -> TimeAdded:
        """Raises TooFar."""
        end = (await self.hours(id)).add(asked.start, timedelta(seconds=asked.seconds))
        if end is None:
            raise TooFar
        return TimeAdded(object="time_added", end=end, **asked.changes())

    async def elapsed(self, id: UUID, asked: TimeBetween) -> TimeElapsed:
        gone = (await self.hours(id)).elapsed(asked.start, asked.end)
        return TimeElapsed(object="time_elapsed", seconds=gone // SECOND, **asked.changes())

    async def days(self, id: UUID, asked: DaysAsked) -> CalendarDays:
        hours = await self.hours(id)
        first = asked.from_on or self.ctx.now.astimezone(hours.zone).date()
        dates = (first + timedelta(days=n) for n in range(asked.days))
        days = [shown(hours.day(on)) for on in dates]
        return CalendarDays(object="calendar_days", time_zone=hours.zone.key, days=days)

    async def hours(self, id: UUID) -> Hours:
        """The calendar, to reckon with."""
        calendar = (await self.calendars.get(id)).value
        above = calendar.inherits_id
        return hours_of(calendar, (await self.calendars.get(above)).value if above else None)


def _check_country(country: str | None, subdivision: str | None) -> None:
    """Raises CountryUnknown."""
    if country is not None and country not in countries():
        message = say("Send a country whose holidays are known, such as CN, or null.")
        raise CountryUnknown("country", message)
    if subdivision is not None and subdivision not in countries().get(country or "", ()):
        known = ", ".join(countries().get(country or "", ())) or "null"
        raise CountryUnknown("subdivision", say("Send one of {choices}.", choices=known))
