"""Rules of recurrence: the RFC's own examples, and random rules held against python-dateutil.

python-dateutil looks until the year 9999: only rules that fall on some day are asked there.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from crm_api.kit.recurrence import Series
from crm_api.kit.recurrence_rules import canonical
from crm_api.kit.wall_clock import end_of, moment
from crm_api.kit.words import Misfit

NEW_YORK = ZoneInfo("America/New_York")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def series(rule: str, first: str, at: time | None = None, zone: ZoneInfo = NEW_YORK) -> Series:
    return Series(canonical(rule), date.fromisoformat(first), at, zone)


def days(rule: str, first: str, most: int) -> list[str]:
    """The first ones, with that on which the rule begins."""
    begun = series(rule, first)
    found = [begun.first] if begun.begin() == begun.first else []
    return [one.isoformat() for one in [*found, *islice(begun.after(begun.first), most)][:most]]


@pytest.mark.parametrize(
    ("rule", "first", "expected"),
    [
        ("FREQ=DAILY;COUNT=3", "1997-09-02", "1997-09-02 1997-09-03 1997-09-04"),
        ("FREQ=DAILY;INTERVAL=10;COUNT=3", "1997-09-02", "1997-09-02 1997-09-12 1997-09-22"),
        ("FREQ=DAILY;UNTIL=19970904", "1997-09-02", "1997-09-02 1997-09-03 1997-09-04"),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;WKST=SU;BYDAY=TU,TH",
            "1997-09-02",
            "1997-09-02 1997-09-04 1997-09-16 1997-09-18",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
            "1997-08-05",
            "1997-08-05 1997-08-10 1997-08-19 1997-08-24",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
            "1997-08-05",
            "1997-08-05 1997-08-17 1997-08-19 1997-08-31",
        ),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=1FR", "1997-09-05", "1997-09-05 1997-10-03 1997-11-07"),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=-2MO", "1997-09-22", "1997-09-22 1997-10-20 1997-11-17"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28", "1997-09-28 1997-10-29 1997-11-28"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
            "2007-01-15",
            "2007-01-15 2007-01-30 2007-02-15 2007-03-15 2007-03-30",
        ),
        (
            "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
            "1998-02-13",
            "1998-02-13 1998-03-13 1998-11-13 1999-08-13 2000-10-13",
        ),
        (
            "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
            "1997-09-04",
            "1997-09-04 1997-10-07 1997-11-06",
        ),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
            "1997-09-29",
            "1997-09-29 1997-10-30 1997-11-27",
        ),
        ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19", "1997-05-19 1998-05-18 1999-05-17"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997-03-13", "1997-03-13 1997-03-20 1997-03-27"),
        (
            "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
            "1996-11-05",
            "1996-11-05 2000-11-07 2004-11-02",
        ),
        ("FREQ=YEARLY", "2024-02-29", "2024-02-29 2028-02-29 2032-02-29"),
        ("FREQ=MONTHLY", "2026-01-31", "2026-01-31 2026-03-31 2026-05-31"),
        ("FREQ=MONTHLY;BYDAY=MO,-1FR", "2026-12-21", "2026-12-21 2026-12-25 2026-12-28"),
        ("FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=1", "2026-12-07", "2026-12-07 2026-12-14 2026-12-21"),
    ],
)
def test_a_rule_falls_on_the_days_that_the_rfc_says(rule: str, first: str, expected: str) -> None:
    wanted = expected.split()
    assert days(rule, first, len(wanted)) == wanted
    if "COUNT" in rule or "UNTIL" in rule:
        assert days(rule, first, 50) == wanted


NUMBERS = st.integers(1, 5) | st.integers(-5, -1)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """What both understand alike: days that all have numbers or none, no places within a week."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    numbered = frequency in ("MONTHLY", "YEARLY") and draw(st.booleans())
    number = NUMBERS if numbered else st.just("")
    day = st.builds("{}{}".format, number, st.sampled_from(DAYS))
    said = {
        "INTERVAL": st.integers(1, 5),
        "BYDAY": st.lists(day, min_size=1, max_size=3).map(",".join),
        "BYMONTH": st.lists(st.integers(1, 12).map(str), min_size=2, max_size=4).map(",".join),
        "WKST": st.sampled_from(DAYS),
    }
    if frequency != "WEEKLY":
        listed = st.lists(st.integers(-28, 28).filter(bool).map(str), min_size=3, max_size=9)
        said["BYMONTHDAY"] = listed.map(",".join)
    chosen = draw(st.sets(st.sampled_from(sorted(said))))
    parts = [f"FREQ={frequency}", *(f"{name}={draw(said[name])}" for name in sorted(chosen))]
    if frequency in ("MONTHLY", "YEARLY") and chosen & {"BYDAY", "BYMONTHDAY"}:
        parts += draw(st.sampled_from([[], ["BYSETPOS=1"], ["BYSETPOS=-1"], ["BYSETPOS=1,-2"]]))
    return ";".join(parts)


@given(rule=rules(), first=st.dates(date(1996, 1, 1), date(2030, 12, 31)))
def test_a_rule_falls_on_the_same_days_as_elsewhere(rule: str, first: date) -> None:
    begun = Series(canonical(rule), first, None, NEW_YORK)
    begin = begun.begin()
    if begin is None:
        return
    ours = [begin, *islice(begun.after(begin), 20)]
    weeks = rule if "WKST" in rule else f"{rule};WKST=MO"
    theirs = rrulestr(weeks, dtstart=datetime.combine(first, time()))
    expected = [one.date() for one in islice(theirs, len(ours))]
    assert ours == expected


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.times(), st.sampled_from([0, 1, 2]))
def test_a_time_that_clocks_skip_is_later_and_of_one_shown_twice_the_first_is_meant(
    day: date, at: time, which: int
) -> None:
    zone = ZoneInfo(("America/New_York", "Australia/Lord_Howe", "Europe/Berlin")[which])
    found = moment(day, at, zone)
    shown = found.astimezone(zone).replace(tzinfo=None)
    wanted = datetime.combine(day, at)
    if shown == wanted:
        earlier = [found - timedelta(minutes=m) for m in (30, 60)]
        assert all(one.astimezone(zone).replace(tzinfo=None) != wanted for one in earlier)
    else:
        before, after = (d.replace(tzinfo=zone).utcoffset() for d in _around(wanted))
        assert before is not None
        assert after is not None
        assert shown - wanted == after - before


def _around(at: datetime) -> Iterator[datetime]:
    return (at + timedelta(hours=hours) for hours in (-3, 3))


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        ("America/New_York", "2026-03-08", time(2, 30), "2026-03-08T07:30:00Z"),
        ("America/New_York", "2026-11-01", time(1, 30), "2026-11-01T05:30:00Z"),
        ("Europe/Berlin", "2026-03-29", time(2, 15), "2026-03-29T01:15:00Z"),
        ("Australia/Lord_Howe", "2026-10-04", time(2, 10), "2026-10-03T15:40:00Z"),
        ("Australia/Lord_Howe", "2026-04-05", time(1, 45), "2026-04-04T14:45:00Z"),
        ("Asia/Shanghai", "2026-03-29", time(2, 30), "2026-03-28T18:30:00Z"),
    ],
)
def test_where_clocks_change_a_time_of_day_is_what_the_standards_say(
    zone: str, day: str, at: time, expected: str
) -> None:
    wanted = datetime.fromisoformat(expected)
    assert moment(date.fromisoformat(day), at, ZoneInfo(zone)) == wanted


def test_a_day_ends_where_the_next_begins() -> None:
    assert end_of(date(2026, 3, 28), ZoneInfo("Asia/Beirut")) == datetime(
        2026, 3, 28, 22, tzinfo=UTC
    )
    long = end_of(date(2026, 11, 1), NEW_YORK) - moment(date(2026, 11, 1), time(), NEW_YORK)
    assert long == timedelta(hours=25)


def test_an_end_in_the_middle_of_a_day_is_an_instant() -> None:
    at = time(9)
    until = "FREQ=DAILY;UNTIL=20261204T140000Z"  # 09:00 in New York
    assert [d.day for d in series(until, "2026-12-01", at).after(date(2026, 12, 1))] == [2, 3, 4]
    earlier = until.replace("140000", "135959")
    assert [d.day for d in series(earlier, "2026-12-01", at).after(date(2026, 12, 1))] == [2, 3]
    assert [d.day for d in series(earlier, "2026-12-01").after(date(2026, 12, 1))] == [2, 3, 4]


def test_years_end_where_those_of_the_contract_do() -> None:
    begun = series("FREQ=YEARLY", "2198-12-30")
    assert list(begun.after(begun.first)) == [date(2199, 12, 30)]
    assert end_of(date(2199, 12, 30), ZoneInfo("Etc/GMT+12")).year == 2199


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYMONTHDAY=1,2;BYSETPOS=3",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
    ],
)
def test_what_never_comes_is_told_in_good_time(rule: str) -> None:
    begun = perf_counter()
    assert series(rule, "2027-06-01").begin() is None
    assert perf_counter() - begun < 1


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("rrule:freq=weekly;byday=mo", "FREQ=WEEKLY;BYDAY=MO"),
        (" FREQ=DAILY ", "FREQ=DAILY"),
        ("FREQ=MONTHLY;BYDAY=+2TU", "FREQ=MONTHLY;BYDAY=+2TU"),
    ],
)
def test_a_rule_is_kept_in_one_spelling(rule: str, kept: str) -> None:
    assert canonical(rule) == kept


@pytest.mark.parametrize(
    "rule",
    [
        "every Monday",
        "FREQ",
        "FREQ=",
        "INTERVAL=2",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=9",
        "FREQ=YEARLY;BYWEEKNO=1",
        "FREQ=YEARLY;BYYEARDAY=1",
        "FREQ=YEARLY;BYEASTER=0",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=1000",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=1.5",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=2;UNTIL=20261231",
        "FREQ=DAILY;UNTIL=20261301",
        "FREQ=DAILY;UNTIL=20261231T090000",
        "FREQ=DAILY;UNTIL=2026-12-31",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=WEEKLY;BYDAY=MO,",
        "FREQ=WEEKLY;BYDAY=2TU",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYDAY=54MO",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367",
        "FREQ=WEEKLY;WKST=1",
        "FREQ=DAILY;BYMONTH=１",
        "FREQ=DAILY\nRDATE=20261231",
    ],
)
def test_what_is_no_rule_here_is_refused(rule: str) -> None:
    with pytest.raises(Misfit):
        canonical(rule)
