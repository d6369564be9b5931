"""Business time equals what somebody finds who looks at the clock on the wall every minute.

CRM_TEST_CALENDARS: how many random calendars and spans are tried.
"""

import os
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_api.platform.calendars.public_days import OfNoCountry, public_days
from crm_api.platform.calendars.rules import Exception_, Hours, Minutes

EXAMPLES = int(os.environ.get("CRM_TEST_CALENDARS", "200"))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# The clock goes on or back by an hour, by half of one, at midnight, over midnight, by a whole day.
TURNS = [
    ("Asia/Shanghai", date(1986, 5, 4)),
    ("Asia/Shanghai", date(2026, 2, 14)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("America/Havana", date(2026, 11, 1)),
    ("America/St_Johns", date(2010, 11, 7)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("Asia/Kathmandu", date(2026, 7, 1)),
]


@st.composite
def hours_of_a_day(draw: st.DrawFn) -> tuple[Minutes, ...]:
    edges = draw(st.lists(st.integers(0, 1440), max_size=6, unique=True))
    ordered = sorted(edges)[: len(edges) // 2 * 2]
    return tuple(zip(ordered[::2], ordered[1::2], strict=True))


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Hours, datetime]:
    zone, turn = draw(st.sampled_from(TURNS))
    near = st.dates(turn - 3 * DAY, turn + 3 * DAY)
    exceptions = draw(st.dictionaries(near, hours_of_a_day(), max_size=3))
    country = draw(st.sampled_from([None, "CN", "DE"]))
    hours = Hours(
        zone=ZoneInfo(zone),
        week=tuple(draw(hours_of_a_day()) for _ in range(7)),
        make_up=draw(hours_of_a_day()),
        exceptions={on: Exception_(some, None) for on, some in exceptions.items()},
        public=public_days(country, None),
    )
    begin = datetime.combine(turn, time(), UTC) + draw(st.integers(-2500, 2500)) * MINUTE
    return hours, begin


def is_open(hours: Hours, at: datetime) -> bool:
    wall = at.astimezone(hours.zone)
    minute = wall.hour * 60 + wall.minute
    return any(opens <= minute < closes for opens, closes in hours.day(wall.date()).hours)


def watched(hours: Hours, start: datetime, end: datetime) -> int:
    """Minutes."""
    minutes = int((end - start) / MINUTE)
    return sum(is_open(hours, start + n * MINUTE) for n in range(minutes))


steady = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])


@steady
@given(calendars(), st.integers(0, 4000), st.integers(0, 4000))
def test_time_is_what_the_clock_on_the_wall_shows(
    drawn: tuple[Hours, datetime], first: int, second: int
) -> None:
    hours, start = drawn
    middle, end = start + first * MINUTE, start + (first + second) * MINUTE
    before, after = hours.elapsed(start, middle), hours.elapsed(middle, end)
    assert before == watched(hours, start, middle) * MINUTE
    assert after == watched(hours, middle, end) * MINUTE
    assert hours.elapsed(start, end) == before + after


@steady
@given(calendars(), st.integers(1, 3000))
def test_what_is_added_has_gone_by_then_and_not_before(
    drawn: tuple[Hours, datetime], minutes: int
) -> None:
    hours, start = drawn
    end = hours.add(start, minutes * MINUTE)
    if end is None:
        return
    assert hours.elapsed(start, end) == minutes * MINUTE
    assert is_open(hours, end - MINUTE)
    back = hours.add(end, -minutes * MINUTE)
    assert back is not None
    assert hours.elapsed(back, end) == minutes * MINUTE
    assert is_open(hours, back)
    assert back >= start


def office(**said: object) -> Hours:
    day: tuple[Minutes, ...] = ((540, 720), (810, 1080))
    known = {"make_up": day, "exceptions": {}, "public": OfNoCountry(), **said}
    return Hours(zone=ZoneInfo("Asia/Shanghai"), week=(day,) * 5 + ((), ()), **known)  # type: ignore[arg-type]


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+08:00")


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-03-02T11:30", 60, "2026-03-02T14:00"),  # over lunch
        ("2026-03-02T17:00", 60, "2026-03-02T18:00"),  # to the very end
        ("2026-03-06T17:00", 61, "2026-03-09T09:01"),  # over a weekend
        ("2026-03-07T12:00", 60, "2026-03-09T10:00"),  # from a weekend on
        ("2026-03-09T09:01", -61, "2026-03-06T17:00"),  # and back
        ("2026-03-02T12:30", 0, "2026-03-02T12:30"),
    ],
)
def test_time_passes_in_working_hours_only(start: str, minutes: int, end: str) -> None:
    assert office().add(shanghai(start), minutes * MINUTE) == shanghai(end)


def test_a_holiday_is_free_and_a_make_up_day_is_worked() -> None:
    hours = office(public=public_days("CN", None), make_up=((600, 660),))
    days = [hours.day(date(2026, 2, day)) for day in (14, 16, 17, 13)]
    assert [day.because for day in days] == [
        "make_up_workday",
        "public_holiday",
        "public_holiday",
        "week",
    ]
    assert [day.hours for day in days[:2]] == [((600, 660),), ()]
    assert hours.elapsed(shanghai("2026-02-14T00:00"), shanghai("2026-02-24T00:00")) == 60 * MINUTE


def test_an_exception_wins_over_the_country() -> None:
    said = {date(2026, 2, 17): Exception_(((0, 1440),), "Stocktaking")}
    hours = office(public=public_days("CN", None), exceptions=said)
    start = shanghai("2026-02-17T00:00")
    assert hours.elapsed(start, start + DAY) == DAY


def test_where_nobody_ever_works_there_is_no_such_time() -> None:
    closed = Hours(ZoneInfo("UTC"), ((),) * 7, (), {}, OfNoCountry())
    assert closed.add(datetime(2026, 1, 1, tzinfo=UTC), MINUTE) is None
    assert closed.add(datetime(2026, 1, 1, tzinfo=UTC), -MINUTE) is None
