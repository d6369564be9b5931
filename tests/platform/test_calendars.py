"""Business calendars as a front end meets them."""

from typing import Any

from httpx import AsyncClient

from tests.conftest import NewClient, Unchanged

OFFICE = [{"opens": "09:00", "closes": "12:00"}, {"opens": "13:30", "closes": "18:00"}]
WEEK = dict.fromkeys(["monday", "tuesday", "wednesday", "thursday", "friday"], OFFICE)
SHANGHAI = {"name": "Shanghai office", "time_zone": "Asia/Shanghai", "week": WEEK, "country": "CN"}


async def create(client: AsyncClient, **said: Any) -> dict[str, Any]:
    answer = await client.post("/business-calendars", json={**SHANGHAI, **said})
    assert answer.status_code == 201, answer.text
    calendar: dict[str, Any] = answer.json()
    return calendar


async def test_a_calendar_is_answered_as_it_was_said(caller: NewClient) -> None:
    client = await caller()
    calendar = await create(client, exceptions=[{"on": "2026-12-31", "name": "Stocktaking"}])
    assert calendar["week"] == {**WEEK, "saturday": [], "sunday": []}
    assert calendar["exceptions"] == [{"on": "2026-12-31", "name": "Stocktaking", "hours": []}]
    assert calendar["make_up_hours"] is None
    place = f"/business-calendars/{calendar['id']}"
    assert (await client.get(place)).json() == calendar
    [listed] = (await client.get("/business-calendars")).json()["data"]
    assert listed == calendar


async def test_a_patch_changes_the_days_that_it_names(caller: NewClient) -> None:
    client = await caller()
    calendar = await create(client)
    place = f"/business-calendars/{calendar['id']}"
    half = [{"opens": "09:00", "closes": "12:00"}]
    patched = (await client.patch(place, json={"week": {"saturday": half, "monday": []}})).json()
    assert patched["week"] == {**WEEK, "monday": [], "saturday": half, "sunday": []}
    assert patched["version"] == 2
    assert (await client.patch(place, json={"country": None})).json()["country"] is None
    same = await client.patch(place, json={"country": None, "week": {"monday": []}})
    assert same.json()["version"] == 3


async def test_due_times_pass_over_holidays_and_make_up_days(caller: NewClient) -> None:
    """In 2026 the Spring Festival is from 16 to 20 February, and Saturday the 14th is worked."""
    client = await caller()
    place = f"/business-calendars/{(await create(client))['id']}"
    asked = {"start": "2026-02-13T17:00:00+08:00", "seconds": 2 * 3600}
    added = (await client.post(f"{place}/add-time", json=asked)).json()
    assert added["end"] == "2026-02-14T02:00:00.000Z"
    span = {"start": "2026-02-14T00:00:00+08:00", "end": "2026-02-25T00:00:00+08:00"}
    elapsed = (await client.post(f"{place}/elapsed", json=span)).json()
    assert elapsed["seconds"] == 7.5 * 3600 * 2  # Saturday the 14th and Tuesday the 24th
    days = (await client.get(f"{place}/days?from_on=2026-02-14&days=3")).json()
    assert [day["because"] for day in days["days"]] == [
        "make_up_workday",
        "week",
        "public_holiday",
    ]
    assert days["days"][0]["hours"] == OFFICE
    assert days["days"][2]["name"]


async def test_a_calendar_has_the_exceptions_of_the_one_it_inherits_from(caller: NewClient) -> None:
    client = await caller()
    closed = [{"on": "2027-01-04", "name": "As announced"}, {"on": "2027-01-05"}]
    group = await create(client, name="Group", exceptions=closed)
    own = [{"on": "2027-01-05", "hours": OFFICE}]
    unit = await create(client, inherits_id=group["id"], exceptions=own)
    answer = await client.get(f"/business-calendars/{unit['id']}/days?from_on=2027-01-04&days=2")
    assert [day["hours"] for day in answer.json()["days"]] == [[], OFFICE]
    kept = await client.delete(f"/business-calendars/{group['id']}")
    assert (kept.status_code, kept.json()["code"]) == (422, "unknown-reference")
    assert (await client.delete(f"/business-calendars/{unit['id']}")).status_code == 204
    assert (await client.delete(f"/business-calendars/{group['id']}")).status_code == 204


async def test_what_makes_no_sense_is_told_and_not_kept(
    caller: NewClient, nothing_changes: Unchanged
) -> None:
    client = await caller()
    place = f"/business-calendars/{(await create(client))['id']}"
    overlap = [{"opens": "09:00", "closes": "12:00"}, {"opens": "11:59", "closes": "13:00"}]
    for body, pointer in (
        ({"week": {"monday": overlap}}, "/week/monday"),
        ({"week": {"monday": [{"opens": "12:00", "closes": "12:00"}]}}, "/week/monday/0"),
        ({"week": {"monday": [{"opens": "24:00", "closes": "24:00"}]}}, "/week/monday/0"),
        ({"week": {"monday": [{"opens": "9:00", "closes": "10:00"}]}}, "/week/monday/0/opens"),
        ({"country": "XX"}, "/country"),
        ({"subdivision": "BY"}, "/subdivision"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"exceptions": [{"on": "2026-01-01"}, {"on": "2026-01-01"}]}, "/exceptions"),
        ({"inherits_id": f"cal_{'0' * 32}"}, "/inherits_id"),
    ):
        async with nothing_changes():
            answer = await client.patch(place, json=body)
        assert answer.status_code == 422, body
        assert answer.json()["errors"][0]["pointer"] == pointer, answer.text


async def test_time_that_never_comes_is_a_conflict(caller: NewClient) -> None:
    client = await caller()
    place = f"/business-calendars/{(await create(client, week={}))['id']}"
    asked = {"start": "2026-01-01T00:00:00Z", "seconds": 1}
    answer = await client.post(f"{place}/add-time", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    backwards = {"start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"}
    assert (await client.post(f"{place}/elapsed", json=backwards)).status_code == 422
