from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, gone, listed, said
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import BUSINESS_CALENDAR
from .schemas import (
    BusinessCalendarCreate,
    BusinessCalendarId,
    BusinessCalendarPage,
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
from .service import BusinessCalendarService

ids_in_paths(BUSINESS_CALENDAR.prefix)
router = resource("business-calendars", "calendars")

READ, WRITE = "business_calendars:read", "business_calendars:write"
Reader = Annotated[BusinessCalendarService, provide(BusinessCalendarService, READ)]
Writer = Annotated[BusinessCalendarService, provide(BusinessCalendarService, WRITE)]


@router.get("", response_model=BusinessCalendarPage)
async def list_business_calendars(
    calendars: Reader, query: Annotated[BusinessCalendarQuery, asked(BusinessCalendarQuery)]
) -> Response:
    """List the calendars of the tenant, newest first."""
    return listed(await calendars.list(query))


@router.post("", status_code=201, response_model=BusinessCalendarRead)
async def create_business_calendar(calendars: Writer, data: BusinessCalendarCreate) -> Response:
    """Say when somebody works: several hours a day, holidays of a country, dates of their own."""
    return created(calendars.create(data))


@router.get("/{id:cal}", response_model=BusinessCalendarRead)
async def get_business_calendar(calendars: Reader, id: BusinessCalendarId) -> Response:
    """Read a calendar."""
    return found(await calendars.get(id))


@router.patch("/{id:cal}", response_model=BusinessCalendarRead)
async def update_business_calendar(
    calendars: Writer, id: BusinessCalendarId, data: BusinessCalendarUpdate
) -> Response:
    """Change a calendar. What was reckoned with it before stays as it was reckoned."""
    return changed(await calendars.update(id, data))


@router.delete("/{id:cal}", status_code=204)
async def delete_business_calendar(calendars: Writer, id: BusinessCalendarId) -> Response:
    """Delete a calendar that nothing refers to."""
    await calendars.delete(id)
    return gone()


@router.get("/{id:cal}/days", response_model=CalendarDays)
async def get_calendar_days(
    calendars: Reader, id: BusinessCalendarId, query: Annotated[DaysAsked, asked(DaysAsked)]
) -> Response:
    """Show dates one after another: their hours, and whether the week, the country or an exception
    made them so."""
    return said(await calendars.days(id, query))


@router.post("/{id:cal}/add-time", response_model=TimeAdded)
async def add_business_time(calendars: Reader, id: BusinessCalendarId, data: TimeToAdd) -> Response:
    """Tell when so much business time will have gone by: at the end of the hours, not at the
    beginning of the next ones."""
    return said(await calendars.add_time(id, data))


@router.post("/{id:cal}/elapsed", response_model=TimeElapsed)
async def measure_business_time(
    calendars: Reader, id: BusinessCalendarId, data: TimeBetween
) -> Response:
    """Tell how much business time lies between two instants."""
    return said(await calendars.elapsed(id, data))
