"""Tasks that come again: whatever clocks do, and however many complete them at once."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from asyncpg import Connection as Admin
from dateutil.rrule import rrulestr
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_api.kit.context import House
from tests.conftest import NewClient, Unchanged, WithKey
from tests.features.test_customers import refused
from tests.grouping import grown, made

from .doing import (
    CALL,
    Json,
    advance,
    changed,
    does,
    done,
    happened,
    listed,
    new_task,
    read,
    shop,
    told,
)

WEEKLY: Json = {"rule": "FREQ=WEEKLY"}
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
CHANGES = (  # around which clocks are changed, somewhere
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 10, 4),
    date(2026, 10, 25),
    date(2026, 11, 1),
)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST = 6


async def preview(client: AsyncClient, task: Json, most: int = 10) -> list[Json]:
    answer = await client.get(f"/tasks/{task['id']}/occurrences", params={"limit": most})
    assert answer.status_code == 200, answer.text
    assert answer.json()["task_id"] == task["id"]
    found: list[Json] = answer.json()["occurrences"]
    return found


async def next_of(client: AsyncClient, task: Json) -> Json:
    """The next one, after this one was completed."""
    return await read(client, (await done(client, task))["next_task_id"])


def times(task: Json) -> tuple[str | None, str | None, str]:
    return task["due_on"], task["due_at"], task["due_until"]


async def test_the_next_of_a_series_is_made_when_one_is_done(
    client: AsyncClient, house: House
) -> None:
    person = (await made(client, "/users", {"name": "李娜"}))["id"]
    steps = [{"key": "call", "text": "Call"}, {"key": "note", "text": "Note it down"}]
    first = await new_task(
        client,
        description="As every month.",
        priority="high",
        assignee_id=person,
        due_on="2026-12-08",
        recurrence={"rule": "rrule:freq=monthly;byday=2tu"},
        checklist=steps,
        records=[person],
        external_ids={"outlook": "AAMk-1"},
    )
    assert first["recurrence"] == {"rule": "FREQ=MONTHLY;BYDAY=2TU"}
    assert (first["series_id"], first["occurrence_on"]) == (first["id"], "2026-12-08")
    told(await does(client, first, "check", keys=["call"]))
    ended = await done(client, first)
    second = await read(client, ended["next_task_id"])
    alike = "subject description priority assignee_id business_unit_id records recurrence time_zone"
    assert {n: second[n] for n in alike.split()} == {n: first[n] for n in alike.split()}
    assert (second["due_on"], second["occurrence_on"]) == ("2027-01-12", "2027-01-12")
    assert (second["state"], second["version"], second["next_task_id"]) == ("open", 1, None)
    assert [item["done"] for item in second["checklist"]] == [False, False]
    assert (second["external_ids"], second["series_id"]) == ({}, first["id"])
    assert await listed(client, series_id=first["id"]) == [second["id"], first["id"]]
    assert await happened(client, house, ended) == ["created", "updated", "completed"]
    assert await happened(client, house, second) == ["created"]
    third = told(await does(client, second, "cancel", reason="Holidays"))["next_task_id"]
    assert (await read(client, third))["due_on"] == "2027-02-09"


async def test_what_is_late_goes_on_from_its_own_day_and_not_from_today(
    client: AsyncClient,
) -> None:
    task = await new_task(client, due_on="2026-01-05", recurrence=WEEKLY)
    assert (await next_of(client, task))["due_on"] == "2026-01-12"


async def test_a_time_of_day_stays_when_clocks_change(client: AsyncClient) -> None:
    task = await new_task(
        client,
        due_at="2026-03-27T09:00:00.250+01:00",
        remind_at="2026-03-27T07:30:00.000Z",
        time_zone="Europe/Berlin",
        recurrence={"rule": "FREQ=DAILY;COUNT=4"},
    )
    dues, reminders = [], []
    while True:
        dues.append(task["due_at"])
        reminders.append(task["remind_at"])
        if (await done(client, task))["next_task_id"] is None:
            break
        task = await read(client, (await read(client, task))["next_task_id"])
    assert dues == [f"2026-03-{at}:00:00.250Z" for at in ("27T08", "28T08", "29T07", "30T07")]
    assert reminders == [f"2026-03-{at}:30:00.000Z" for at in ("27T07", "28T07", "29T06", "30T06")]


@pytest.mark.parametrize(
    ("zone", "due_at", "expected"),
    [
        ("America/New_York", "2026-03-07T02:30:00-05:00", ["2026-03-08T07:30", "2026-03-09T06:30"]),
        ("America/New_York", "2026-10-31T01:30:00-04:00", ["2026-11-01T05:30", "2026-11-02T06:30"]),
        ("America/New_York", "2026-11-01T01:30:00-05:00", ["2026-11-02T06:30"]),
        ("Australia/Lord_Howe", "2026-10-03T02:10:00+10:30", ["2026-10-03T15:40"]),
        ("Asia/Shanghai", "2026-03-28T09:00:00+08:00", ["2026-03-29T01:00"]),
    ],
)
async def test_a_time_that_clocks_skip_or_show_twice_is_what_the_standards_say(
    client: AsyncClient, zone: str, due_at: str, expected: list[str]
) -> None:
    rule = {"rule": "FREQ=DAILY"}
    task = await new_task(client, due_at=due_at, time_zone=zone, recurrence=rule)
    ahead = await preview(client, task, len(expected))
    assert [one["due_at"][:16] for one in ahead] == expected
    for one in expected:
        task = await next_of(client, task)
        assert task["due_at"][:16] == one


@st.composite
def asked(draw: st.DrawFn) -> tuple[str, str, date, time | None]:
    """A rule, a zone, a day near a change of clocks, and a time of day, or none."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    number = draw(st.sampled_from(["", "1", "-1"])) if frequency in ("MONTHLY", "YEARLY") else ""
    parts = {
        "INTERVAL": st.integers(1, 3).map(str),
        "BYDAY": st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True).map(
            lambda days: ",".join(f"{number}{day}" for day in days)
        ),
        "WKST": st.sampled_from(["MO", "SU"]),
    }
    if frequency in ("DAILY", "MONTHLY"):
        listed = st.lists(st.sampled_from([1, 8, 15, 29, -1, -3]), min_size=1, max_size=3)
        parts["BYMONTHDAY"] = listed.map(lambda days: ",".join(map(str, days)))
    chosen = draw(st.sets(st.sampled_from(sorted(parts)), max_size=3))
    if {"BYDAY", "BYMONTHDAY"} <= chosen:
        chosen -= {"BYMONTHDAY"}  # both seldom fall on one day
    rule = ";".join([f"FREQ={frequency}", *(f"{n}={draw(parts[n])}" for n in sorted(chosen))])
    if draw(st.booleans()):
        rule += f";COUNT={draw(st.integers(1, 5))}"
    day = draw(st.sampled_from(CHANGES)) - timedelta(days=draw(st.integers(0, 12)))
    at = draw(
        st.none() | st.sampled_from([time(0), time(1, 30), time(2, 15), time(9), time(23, 45)])
    )
    return rule, draw(st.sampled_from(ZONES)), day, at


def local_times(rule: str, day: date, at: time | None) -> Iterator[datetime]:
    """From the first day on which the rule falls; a week begins on Monday if nothing is said."""
    weeks = rule if "WKST" in rule else f"{rule};WKST=MO"
    return iter(rrulestr(weeks, dtstart=datetime.combine(day, at or time())))


def expanded(rule: str, zone: str, day: date, at: time | None) -> Iterator[tuple[Any, Any, str]]:
    """All occurrences as tasks tell them, by python-dateutil over local times."""
    for local in local_times(rule, day, at):
        if at is None:
            yield local.date().isoformat(), None, _wire(local + timedelta(days=1), zone)
        else:
            yield None, _wire(local, zone), _wire(local, zone)


def _wire(local: datetime, zone: str) -> str:
    """RFC 5545, 3.3.5: by the offset before a gap, and of two the first."""
    offset = local.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return f"{(local - offset).isoformat(timespec='milliseconds')}Z"


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(asked=asked())
async def test_a_chain_of_tasks_is_what_an_independent_reckoning_says(
    client: AsyncClient, asked: tuple[str, str, date, time | None]
) -> None:
    rule, zone, day, at = asked
    day = next(local_times(rule, day, at)).date()
    expected = list(islice(expanded(rule, zone, day, at), MOST))
    due = {"due_on": expected[0][0]} if at is None else {"due_at": expected[0][1]}
    task = await new_task(client, **due, time_zone=zone, recurrence={"rule": rule})
    coming = [times(one) for one in await preview(client, task, MOST - 1)]
    chain = [times(task)]
    while len(chain) < MOST and (following := (await done(client, task))["next_task_id"]):
        task = await read(client, following)
        chain.append(times(task))
    assert chain == expected
    assert [chain[0], *coming] == expected


@pytest.mark.parametrize("verb", ["complete", "cancel"])
async def test_ten_who_end_one_task_at_once_make_one_next(
    client: AsyncClient, admin: "Admin[Any]", verb: str
) -> None:
    task = await new_task(client, due_on="2026-12-07", recurrence=WEEKLY)
    body = None if verb == "complete" else {"reason": "x"}
    answers = await asyncio.gather(
        *(client.post(f"/tasks/{task['id']}/{verb}", json=body) for _ in range(10))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    assert len(await listed(client, series_id=task["id"])) == 2


async def test_who_completes_a_task_again_makes_no_other_next(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    task = await new_task(client, due_on="2026-12-07", recurrence=WEEKLY)
    next = (await done(client, task))["next_task_id"]
    for _ in range(2):
        told(await does(client, task, "reopen"))
        assert (await done(client, task))["next_task_id"] == next
    both = [client.post(f"/tasks/{id}/complete") for id in (next, next)]
    assert sorted(a.status_code for a in await asyncio.gather(*both)) == [200, 409]
    assert len(await listed(client, series_id=task["id"])) == 3


async def test_a_series_ends_by_its_rule_or_by_a_word(
    client: AsyncClient, house: House, nothing_changes: Unchanged
) -> None:
    twice = await new_task(client, due_on="2026-12-07", recurrence={"rule": "FREQ=WEEKLY;COUNT=2"})
    last = await next_of(client, twice)
    assert (await done(client, last))["next_task_id"] is None
    until = {"rule": "FREQ=WEEKLY;UNTIL=20261214"}
    bounded = await new_task(client, due_on="2026-12-07", recurrence=until)
    assert [one["due_on"] for one in await preview(client, bounded)] == ["2026-12-14"]
    endless = await new_task(client, due_on="2026-12-07", recurrence=WEEKLY)
    second = await next_of(client, endless)
    async with nothing_changes():
        refused(await does(client, endless, "end-series"), 409, "conflict")
        refused(
            await client.patch(f"/tasks/{endless['id']}", json={"recurrence": None}),
            409,
            "conflict",
        )
    ended = told(await does(client, second, "end-series"))
    assert (ended["recurrence"], ended["series_id"]) == (None, endless["id"])
    assert await preview(client, ended) == []
    assert (await done(client, second))["next_task_id"] is None
    async with nothing_changes():
        refused(await does(client, second, "end-series"), 409, "conflict")
    assert await happened(client, house, ended) == ["created", "series_ended", "completed"]


async def test_one_of_a_series_is_moved_and_the_others_stay(client: AsyncClient) -> None:
    task = await new_task(
        client, due_on="2026-12-07", remind_at="2026-12-07T01:00:00Z", recurrence=WEEKLY
    )
    moved = await changed(client, task, due_on="2026-12-09")
    assert (moved["due_on"], moved["occurrence_on"]) == ("2026-12-09", "2026-12-07")
    same = await changed(client, task, due_on="2026-12-09", recurrence=WEEKLY)
    assert same == moved
    next = await next_of(client, moved)
    assert (next["due_on"], next["remind_at"]) == ("2026-12-14", "2026-12-12T01:00:00.000Z")
    at = await changed(client, next, due_at="2026-12-14T08:00:00Z")
    assert (at["due_on"], at["occurrence_on"], at["occurrence_at"]) == (None, "2026-12-14", None)
    assert (await next_of(client, at))["due_on"] == "2026-12-21"


async def test_another_rule_or_time_begins_a_new_series(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    first = await new_task(client, due_on="2026-12-07", recurrence={"rule": "FREQ=WEEKLY;COUNT=3"})
    second = await next_of(client, first)
    async with nothing_changes():
        gone_on = await client.patch(
            f"/tasks/{first['id']}", json={"recurrence": {"rule": "FREQ=DAILY"}}
        )
        refused(gone_on, 409, "conflict")
    later = {"due_on": "2026-12-15", "recurrence": {"rule": "FREQ=WEEKLY;COUNT=3"}}
    shifted = await changed(client, second, **later)
    assert (shifted["series_id"], shifted["occurrence_on"]) == (second["id"], "2026-12-15")
    days = [one["due_on"] for one in await preview(client, shifted)]
    assert days == ["2026-12-22", "2026-12-29"]
    daily = await changed(client, shifted, recurrence={"rule": "FREQ=DAILY"})
    assert (await next_of(client, daily))["due_on"] == "2026-12-16"
    assert await listed(client, series_id=first["id"]) == [first["id"]]
    once = await new_task(client)
    began = await changed(client, once, due_on="2026-12-07", recurrence=WEEKLY)
    assert (await next_of(client, began))["due_on"] == "2026-12-14"


async def test_a_series_that_moves_to_another_zone_keeps_its_time_of_day(
    client: AsyncClient,
) -> None:
    task = await new_task(
        client, due_at="2026-12-07T09:00:00+08:00", time_zone="Asia/Shanghai", recurrence=WEEKLY
    )
    moved = await changed(client, task, time_zone="America/New_York")
    assert moved["due_at"] == task["due_at"]
    assert (await next_of(client, moved))["due_at"] == "2026-12-14T14:00:00.000Z"


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "never"),
        ("FREQ=WEEKLY;UNTIL=20261206", "never"),
        ("FREQ=WEEKLY;BYDAY=TU", "not_on_first_day"),
        ("FREQ=MINUTELY", "rule_invalid"),
        ("FREQ=DAILY;BYHOUR=9", "rule_invalid"),
        ("FREQ=YEARLY;BYWEEKNO=20", "rule_invalid"),
        ("Mondays", "rule_invalid"),
    ],
)
async def test_a_rule_that_cannot_be_followed_is_refused_with_a_word_about_it(
    client: AsyncClient, nothing_changes: Unchanged, rule: str, code: str
) -> None:
    task = await new_task(client, due_on="2026-12-07")
    recurrence = {"recurrence": {"rule": rule}}
    body = CALL | {"business_unit_id": task["business_unit_id"], "due_on": "2026-12-07"}
    async with nothing_changes():
        for answer in (
            await client.patch(f"/tasks/{task['id']}", json=recurrence),
            await client.post("/tasks", json=body | recurrence),
        ):
            problem = refused(answer, 422, "validation-failed")
            (wrong,) = problem["errors"]
            assert (wrong["pointer"], wrong["code"]) == ("/recurrence/rule", code)
            if code == "not_on_first_day":
                assert "2026-12-08" in wrong["message"]


async def test_what_comes_again_is_due_and_will_be_done(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    task = await new_task(client)
    ended = await done(client, await new_task(client, due_on="2026-12-07"))
    series = await new_task(client, due_on="2026-12-07", recurrence=WEEKLY)
    async with nothing_changes():
        for place, said in (
            (f"/tasks/{task['id']}", {"recurrence": WEEKLY}),
            (f"/tasks/{series['id']}", {"due_on": None}),
        ):
            problem = refused(await client.patch(place, json=said), 422, "validation-failed")
            assert problem["errors"][0]["code"] == "no_due"
        over = await client.patch(f"/tasks/{ended['id']}", json={"recurrence": WEEKLY})
        refused(over, 409, "conflict")
    both = await changed(client, series, due_on=None, recurrence=None)
    assert (both["due_until"], both["recurrence"]) == (None, None)


async def test_reminders_follow_a_series(client: AsyncClient, house: House) -> None:
    now = datetime.now(UTC)
    due = now + timedelta(hours=2)
    task = await new_task(
        client,
        due_at=due.isoformat(),
        remind_at=(due - timedelta(hours=1)).isoformat(),
        time_zone="UTC",
        recurrence={"rule": "FREQ=DAILY"},
    )
    await advance(client, house, minutes=61)
    next = await next_of(client, task)
    assert next["reminded_at"] is None
    await advance(client, house, hours=24)
    assert await happened(client, house, next) == ["created", "reminded"]
    assert await happened(client, house, task) == ["created", "reminded", "completed"]


async def test_the_next_is_of_whoever_the_last_was(client: AsyncClient, with_key: WithKey) -> None:
    group = await grown(client, with_key)
    seller, boss = await group.hire("sales"), await group.hire("unit_manager", "east")
    task = await made(
        seller.client, "/tasks", CALL | {"due_on": "2026-12-07", "recurrence": WEEKLY}
    )
    next = await read(seller.client, (await done(boss.client, task))["next_task_id"])
    assert (next["assignee_id"], next["creator_id"]) == (seller.id, seller.id)
    assert await seller.sees("/tasks") == {task["id"], next["id"]}


async def test_a_rehearsal_tells_of_the_next_and_makes_none(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    task = await new_task(client, due_on="2026-12-07", recurrence=WEEKLY)
    place, dry = f"/tasks/{task['id']}/complete", {"Crm-Dry-Run": "true"}
    async with nothing_changes():
        answer = await client.post(place, headers=dry)
    assert answer.headers["crm-dry-run-events"] == "task.completed, task.created"
    assert answer.json()["next_task_id"] is not None


async def test_series_of_two_tenants_have_nothing_to_do_with_each_other(
    client: AsyncClient, caller: NewClient
) -> None:
    other = await caller()
    mine, theirs = [
        await new_task(one, due_on="2026-12-07", recurrence=WEEKLY) for one in (client, other)
    ]
    await done(client, mine)
    assert await listed(other, series_id=mine["id"]) == []
    assert await listed(other, series_id=theirs["id"]) == [theirs["id"]]
    assert (await shop(client)) != (await shop(other))
