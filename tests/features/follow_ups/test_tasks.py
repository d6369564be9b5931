"""What somebody has to do by a time, as a front end meets it."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.features.follow_ups.tasks.jobs import crew
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from tests.conftest import NewClient, NewTenant, Unchanged, WithKey
from tests.features.conftest import Done
from tests.features.test_customers import refused
from tests.grouping import grown, ids, made

from .doing import (
    CALL,
    Json,
    advance,
    ahead,
    changed,
    does,
    done,
    happened,
    listed,
    new_task,
    read,
    shop,
    time_passes,
    told,
)

STEPS = [{"text": "Look up the last order"}, {"key": "call", "text": "Call"}, {"text": "Write"}]


async def test_a_task_is_read_as_it_was_made(client: AsyncClient) -> None:
    customer = (await made(client, "/customers", {"kind": "person", "name": "王芳"}))["id"]
    said = {
        "description": "She asked for a discount.\nUp to 5 %.",
        "priority": "high",
        "customer_id": customer,
        "due_at": "2027-01-08T09:00:00.000Z",
        "time_zone": "Europe/Berlin",
        "remind_at": "2027-01-08T08:00:00.000Z",
        "external_ids": {"outlook": "AAMk-1"},
        "records": [customer, customer],
    }
    answer = await client.post(
        "/tasks", json=CALL | said | {"business_unit_id": await shop(client)}
    )
    assert answer.status_code == 201, answer.text
    task = answer.json()
    assert task == task | CALL | said | {
        "records": [customer],
        "state": "open",
        "due_on": None,
        "due_until": said["due_at"],
        "assignee_id": None,
        "creator_id": None,
        "checklist": [],
        "recurrence": None,
        "series_id": None,
        "next_task_id": None,
        "version": 1,
    }
    for path in (f"/tasks/{task['id']}", "/tasks/external/outlook/AAMk-1"):
        found = await client.get(path)
        assert (found.content, found.headers["etag"]) == (answer.content, answer.headers["etag"])
    beside = await client.get(f"/tasks/{task['id']}?expand=customer")
    assert beside.json()["customer"]["name"] == "王芳"
    same = await client.patch(f"/tasks/{task['id']}", json=said)
    assert same.content == answer.content


async def test_a_day_lasts_until_its_end_where_the_task_is(client: AsyncClient) -> None:
    berlin = await shop(client, time_zone="Europe/Berlin")
    below = await shop(client, parent_id=berlin)
    for zone, unit, until in (
        (None, await shop(client), "2026-12-01T16:00:00.000Z"),
        (None, berlin, "2026-12-01T23:00:00.000Z"),
        (None, below, "2026-12-01T23:00:00.000Z"),
        ("America/New_York", below, "2026-12-02T05:00:00.000Z"),
    ):
        said = {"time_zone": zone} if zone else {}
        task = await new_task(client, business_unit_id=unit, due_on="2026-12-01", **said)
        assert task["due_until"] == until, (zone, unit)
    moved = await changed(client, task, time_zone="Asia/Shanghai")
    assert (moved["due_on"], moved["due_until"]) == ("2026-12-01", "2026-12-01T16:00:00.000Z")


async def test_a_task_is_due_on_a_day_or_at_an_instant(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    both = {"due_on": "2026-12-01", "due_at": "2026-12-01T09:00:00.000Z"}
    task = await new_task(client, due_on=both["due_on"])
    async with nothing_changes():
        unit = {"business_unit_id": task["business_unit_id"]}
        for answer in (
            await client.post("/tasks", json=CALL | unit | both),
            await client.patch(f"/tasks/{task['id']}", json=both),
        ):
            problem = refused(answer, 422, "validation-failed")
            assert problem["errors"][0]["pointer"] == "/due_at"
    at = await changed(client, task, due_at=both["due_at"])
    assert (at["due_on"], at["due_at"], at["due_until"]) == (None, both["due_at"], both["due_at"])
    on = await changed(client, task, due_on=both["due_on"])
    assert (on["due_on"], on["due_at"]) == (both["due_on"], None)
    never = await changed(client, task, due_on=None)
    assert (never["due_on"], never["due_at"], never["due_until"]) == (None, None, None)


async def test_a_task_is_done_or_cancelled_and_reopened(
    client: AsyncClient, house: House, nothing_changes: Unchanged
) -> None:
    task = await new_task(client)
    completed = await done(client, task)
    assert (completed["state"], completed["version"]) == ("done", 2)
    assert completed["completed_at"] == completed["updated_at"]
    for verb in ("complete", "cancel"):
        async with nothing_changes():
            answer = await does(client, task, verb, **({"reason": "x"} if verb == "cancel" else {}))
            problem = refused(answer, 409, "invalid-transition")
        assert (problem["current"], problem["allowed"]) == ("done", ["open"])
    again = told(await does(client, task, "reopen"))
    assert (again["state"], again["completed_at"]) == ("open", None)
    async with nothing_changes():
        refused(await does(client, task, "reopen"), 409, "invalid-transition")
    gone = told(await does(client, task, "cancel", reason="She has bought"))
    assert (gone["state"], gone["cancellation_reason"]) == ("cancelled", "She has bought")
    back = told(await does(client, task, "reopen"))
    assert (back["cancelled_at"], back["cancellation_reason"]) == (None, None)
    corrected = await changed(client, await done(client, task), description="As she wished.")
    assert corrected["state"] == "done"
    assert await happened(client, house, task) == [
        "created",
        "completed",
        "reopened",
        "cancelled",
        "reopened",
        "completed",
        "updated",
    ]


async def test_items_are_ticked_whatever_others_do(client: AsyncClient) -> None:
    task = await new_task(client, checklist=[*STEPS, *({"text": f"{n}"} for n in range(20))])
    keys = [item["key"] for item in task["checklist"]]
    assert keys == ["1", "call", "3", *map(str, range(4, 24))]
    answers = await asyncio.gather(*(does(client, task, "check", keys=[key]) for key in keys))
    assert [answer.status_code for answer in answers] == [200] * len(keys)
    assert all(item["done"] for item in (await read(client, task))["checklist"])
    undone = told(await does(client, task, "uncheck", keys=["call", "4"]))
    assert [item["key"] for item in undone["checklist"] if not item["done"]] == ["call", "4"]
    same = told(await does(client, task, "check", keys=["1"]))
    assert same == undone
    replaced = await changed(client, task, checklist=[{"key": "x", "text": "All new"}])
    assert replaced["checklist"] == [{"key": "x", "text": "All new", "done": False}]


async def test_items_are_told_apart_by_their_keys(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    task = await new_task(client, checklist=STEPS)
    place = f"/tasks/{task['id']}"
    twice = [{"key": "a", "text": "A"}, {"text": "B"}, {"key": "a", "text": "C"}]
    many = [{"text": "A"}] * 51
    async with nothing_changes():
        for answer, pointer in (
            (await client.patch(place, json={"checklist": twice}), "/checklist/2/key"),
            (await client.patch(place, json={"checklist": many}), "/checklist"),
            (await client.post(f"{place}/check", json={"keys": ["1", "nobody"]}), "/keys/1"),
            (await client.post(f"{place}/check", json={"keys": []}), "/keys"),
        ):
            problem = refused(answer, 422, "validation-failed")
            assert [error["pointer"] for error in problem["errors"]] == [pointer]
    clash = [{"text": "A"}, {"key": "1", "text": "B"}, {"text": "C"}]
    kept = (await changed(client, task, checklist=clash))["checklist"]
    assert [item["key"] for item in kept] == ["2", "1", "3"]


async def test_a_task_is_linked_to_records_of_any_kind(
    client: AsyncClient, caller: NewClient, nothing_changes: Unchanged
) -> None:
    task = await new_task(client)
    user = (await made(client, "/users", {"name": "李娜"}))["id"]
    linked = [user, task["business_unit_id"], task["id"]]
    about = await new_task(client, records=linked, business_unit_id=task["business_unit_id"])
    assert about["records"] == linked
    for record in linked:
        assert await listed(client, record_id=record) == [about["id"]]
    assert await listed(client, record_id=linked[:2]) == [about["id"]]
    search = {"filter": {"kind": "condition", "field": "records", "op": "eq", "value": user}}
    found = await client.post("/tasks/search", json=search)
    assert [one["id"] for one in found.json()["data"]] == [about["id"]]
    theirs = (await made(await caller(), "/users", {"name": "李娜"}))["id"]
    nobody = f"usr_{UUID(int=7).hex}"
    async with nothing_changes():
        for lost in (theirs, nobody, f"xyz_{UUID(int=7).hex}", user.replace("usr", "cus")):
            answer = await client.patch(
                f"/tasks/{about['id']}", json={"records": [*linked, lost, user]}
            )
            problem = refused(answer, 422, "unknown-reference")
            assert [error["pointer"] for error in problem["errors"]] == ["/records/3"]
        many = {"records": [user] * 21}
        refused(await client.patch(f"/tasks/{about['id']}", json=many), 422, "validation-failed")
    await changed(client, about, records=[user])
    assert await listed(client, record_id=task["id"]) == []
    assert await listed(client, record_id=user) == [about["id"]]


async def test_only_who_reads_a_noun_links_its_records(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    everything = await caller(tenant=tenant)
    unit = await shop(everything)
    customer = (await made(everything, "/customers", {"kind": "person", "name": "王芳"}))["id"]
    few = await caller("tasks:read", "tasks:write", tenant=tenant)
    body = CALL | {"business_unit_id": unit}
    async with nothing_changes():
        for said in ({"records": [customer]}, {"customer_id": customer}):
            refused(await few.post("/tasks", json=body | said), 422, "unknown-reference")
    assert (await few.post("/tasks", json=body)).status_code == 201


async def test_what_a_task_names_is_there(client: AsyncClient, nothing_changes: Unchanged) -> None:
    task = await new_task(client)
    gone = (await made(client, "/users", {"name": "Gone"}))["id"]
    await client.post(f"/users/{gone}/revoke")
    closed = await shop(client)
    assert (await client.post(f"/business-units/{closed}/archive")).is_success
    nobody = UUID(int=7).hex
    for said, code in (
        ({"customer_id": f"cus_{nobody}"}, "unknown-reference"),
        ({"assignee_id": f"usr_{nobody}"}, "unknown-reference"),
        ({"assignee_id": gone}, "unknown-reference"),
        ({"business_unit_id": f"bun_{nobody}"}, "unknown-reference"),
        ({"business_unit_id": closed}, "validation-failed"),
    ):
        body = CALL | {"business_unit_id": task["business_unit_id"]} | said
        async with nothing_changes():
            for answer in (
                await client.post("/tasks", json=body),
                await client.patch(f"/tasks/{task['id']}", json=said),
            ):
                problem = refused(answer, 422, code)
                assert [error["pointer"] for error in problem["errors"]] == [f"/{next(iter(said))}"]


async def test_a_reminder_comes_once_at_its_time(
    client: AsyncClient, house: House, nothing_changes: Unchanged
) -> None:
    task = await new_task(client, remind_at=ahead(hours=2), due_at=ahead(hours=9))
    await changed(client, task, remind_at=ahead(hours=1))
    await time_passes(house)
    assert (await read(client, task))["reminded_at"] is None
    await advance(client, house, minutes=61)
    reminded = await read(client, task)
    assert reminded["reminded_at"] is not None
    assert reminded["overdue_at"] is None
    async with nothing_changes():
        await time_passes(house)
    assert await happened(client, house, task) == ["created", "updated", "reminded"]
    later = await changed(client, task, remind_at=ahead(hours=3))
    assert later["reminded_at"] is None
    await advance(client, house, hours=2)
    assert (await happened(client, house, task))[-1] == "reminded"


async def test_a_task_is_overdue_once_when_its_time_is_over(
    client: AsyncClient, house: House, nothing_changes: Unchanged
) -> None:
    late, early = [await new_task(client, due_at=ahead(hours=1)) for _ in range(2)]
    postponed = await new_task(client, due_at=ahead(hours=1))
    await changed(client, postponed, due_at=ahead(hours=3))
    await done(client, early)
    await advance(client, house, minutes=61)
    assert (await read(client, late))["overdue_at"] is not None
    for task in (early, postponed):
        assert (await read(client, task))["overdue_at"] is None
    assert await listed(client, overdue=True) == [late["id"]]
    assert set(await listed(client, overdue=False)) == {early["id"], postponed["id"]}
    async with nothing_changes():
        await time_passes(house)
    assert await happened(client, house, late) == ["created", "overdue"]
    assert (await done(client, late))["overdue_at"] is not None
    assert await listed(client, overdue=True) == []
    told(await does(client, early, "reopen"))
    await time_passes(house)
    assert await happened(client, house, early) == ["created", "completed", "reopened", "overdue"]
    moved = await changed(client, early, due_at=ahead(hours=5))
    assert moved["overdue_at"] is None
    await advance(client, house, hours=4)
    assert (await happened(client, house, early))[-2:] == ["updated", "overdue"]


async def test_what_is_late_already_is_told_at_once_and_each_thing_once(
    client: AsyncClient, house: House
) -> None:
    past = "2026-01-05T09:00:00.000Z"
    task = await new_task(client, remind_at=past, due_at=past)
    await asyncio.gather(*(do_once([crew(house)], asyncio.Event()) for _ in range(3)))
    assert await happened(client, house, task) == ["created", "reminded", "overdue"]


async def test_nobody_is_reminded_of_what_is_over(
    client: AsyncClient, house: House, nothing_changes: Unchanged, admin: "Admin[Any]"
) -> None:
    task = await new_task(client, remind_at=ahead(hours=1), due_at=ahead(hours=2))
    told(await does(client, task, "cancel", reason="Has bought"))
    await client.post("/sandbox/clock/advance", json={"seconds": 10_000})
    before = await read(client, task)
    await time_passes(house)
    assert await read(client, task) == before
    waiting = "SELECT count(*) FROM timers WHERE id = $1"
    assert await admin.fetchval(waiting, UUID(task["id"][4:])) == 0


async def test_tasks_are_listed_by_what_they_have_in_common(client: AsyncClient) -> None:
    east, west = await shop(client), await shop(client)
    below = await shop(client, parent_id=east)
    person = (await made(client, "/users", {"name": "李娜"}))["id"]
    customer = (await made(client, "/customers", {"kind": "person", "name": "王芳"}))["id"]
    first = await new_task(client, business_unit_id=east, priority="urgent", due_on="2027-01-02")
    second = await new_task(client, business_unit_id=below, assignee_id=person, due_on="2027-01-01")
    third = await new_task(client, business_unit_id=west, customer_id=customer)
    await done(client, third)
    one, two, three = (task["id"] for task in (first, second, third))
    for query, found in (
        ({}, [three, two, one]),
        ({"sort": "created_at"}, [one, two, three]),
        ({"sort": "due_until"}, [two, one, three]),
        ({"sort": "-due_until"}, [three, one, two]),
        ({"sort": "-updated_at"}, [three, two, one]),
        ({"state": "open"}, [two, one]),
        ({"state": ["open", "done"]}, [three, two, one]),
        ({"priority": "urgent"}, [one]),
        ({"priority": "normal"}, [three, two]),
        ({"assignee_id": person}, [two]),
        ({"customer_id": customer}, [three]),
        ({"business_unit_id": east}, [one]),
        ({"under": east}, [two, one]),
        ({"due_until__gte": first["due_until"]}, [one]),
        ({"due_until__gt": first["due_until"]}, []),
        ({"due_until__lt": first["due_until"], "sort": "due_until"}, [two]),
        ({"due_until__gte": "2026-01-01T00:00:00Z", "sort": "due_until"}, [two, one]),
        ({"series_id": one}, []),
        ({"creator_id": person}, []),
    ):
        assert await listed(client, **query) == found, query
    page = (await client.get("/tasks", params={"sort": "due_until", "limit": 1})).json()
    walked = [page["data"][0]["id"]]
    while page["has_more"]:
        asked = {"sort": "due_until", "limit": 1, "cursor": page["next_cursor"]}
        page = (await client.get("/tasks", params=asked)).json()
        walked.append(page["data"][0]["id"])
    assert walked == [two, one, three]


async def test_tasks_are_searched_and_counted(client: AsyncClient) -> None:
    customer = await made(
        client, "/customers", {"kind": "person", "name": "王芳", "source": "shop"}
    )
    about = await new_task(client, customer_id=customer["id"], priority="high")
    other = await new_task(client, due_on="2027-01-02")
    field = {"kind": "condition", "field": "customer.source", "op": "eq", "value": "shop"}
    found = await client.post("/tasks/search", json={"filter": field, "expand": ["customer"]})
    assert [one["customer"]["source"] for one in found.json()["data"]] == ["shop"]
    assert found.json()["data"][0]["id"] == about["id"]
    due = {"kind": "condition", "field": "due_until", "op": "exists", "value": True}
    found = await client.post("/tasks/search", json={"filter": due, "sort": ["due_until"]})
    assert [one["id"] for one in found.json()["data"]] == [other["id"]]
    counted = await client.post("/tasks/aggregate", json={"group_by": ["priority"]})
    groups = {one["group"]["priority"]: one["metrics"]["count"] for one in counted.json()["groups"]}
    assert groups == {"high": 1, "normal": 1}
    fields = (await client.get("/filter-fields", params={"resource": "tasks"})).json()["fields"]
    assert {"customer.name", "due_until", "records"} <= {one["field"] for one in fields}


async def test_a_task_carries_fields_of_the_tenant(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    for key, said in (("channel", {}), ("ticket", {"unique": True})):
        body = {"resource": "task", "key": key, "kind": "text", "labels": {"en": key}, **said}
        await made(client, "/custom-fields", body)
    values = {"channel": "phone", "ticket": "T-1"}
    rule = {"rule": "FREQ=DAILY"}
    task = await new_task(client, custom=values, due_on="2026-12-01", recurrence=rule)
    assert task["custom"] == values
    unit = {"business_unit_id": task["business_unit_id"]}
    async with nothing_changes():
        taken = await client.post("/tasks", json=CALL | unit | {"custom": {"ticket": "T-1"}})
        assert refused(taken, 409, "duplicate-value")["existing"]["id"] == task["id"]
        unknown = await client.post("/tasks", json=CALL | unit | {"custom": {"nobody": "x"}})
        refused(unknown, 422, "validation-failed")
    next = await read(client, (await done(client, task))["next_task_id"])
    assert next["custom"] == {"channel": "phone"}


async def test_other_systems_make_and_change_tasks_by_ids_of_their_own(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    unit = await shop(client)
    place, said = "/tasks/external/outlook/AAMk-1", CALL | {"business_unit_id": unit}
    async with nothing_changes():
        refused(await client.patch(place, json={"priority": "high"}), 422, "validation-failed")
    first = await client.patch(place, json=said)
    assert (first.status_code, first.json()["external_ids"]) == (201, {"outlook": "AAMk-1"})
    await done(client, first.json())
    async with nothing_changes():
        same = await client.patch(place, json=said)
    assert (same.status_code, same.json()["state"]) == (200, "done")
    items = [
        {"external_id": "AAMk-1", "data": {"priority": "low"}},
        {"external_id": "AAMk-2", "data": said | {"due_at": "2027-01-05T09:00:00.000Z"}},
        {"external_id": "AAMk-3", "data": said | {"customer_id": f"cus_{UUID(int=7).hex}"}},
        {"external_id": "AAMk-4", "data": {"priority": "low"}},
        {"external_id": "AAMk-5", "data": said | {"recurrence": {"rule": "FREQ=DAILY"}}},
    ]
    batch = {"system": "outlook", "items": items}
    answer = await client.post("/tasks/batch-upsert", json=batch)
    assert answer.status_code == 207, answer.text
    outcomes = answer.json()["data"]
    assert [one["outcome"] for one in outcomes] == ["updated", "created", *["failed"] * 3]
    pointers = [one["problem"]["errors"][0]["pointer"] for one in outcomes[2:]]
    assert pointers == ["/data/customer_id", "/data/subject", "/data/recurrence/rule"]
    async with nothing_changes():
        again = await client.post("/tasks/batch-upsert", json={**batch, "items": items[:2]})
    assert [one["outcome"] for one in again.json()["data"]] == ["unchanged"] * 2


async def test_who_makes_a_task_does_it_in_his_unit(client: AsyncClient, with_key: WithKey) -> None:
    group = await grown(client, with_key)
    seller = await group.hire("sales")
    mine = await made(seller.client, "/tasks", CALL)
    assert mine["business_unit_id"] == group.units["shanghai"]
    assert (mine["assignee_id"], mine["creator_id"]) == (seller.id, seller.id)
    nobodys = await made(seller.client, "/tasks", CALL | {"assignee_id": None})
    assert (nobodys["assignee_id"], nobodys["creator_id"]) == (None, seller.id)
    far = await seller.client.post(
        "/tasks", json=CALL | {"business_unit_id": group.units["hangzhou"]}
    )
    problem = refused(far, 422, "validation-failed")
    assert problem["errors"][0]["code"] == "not_yours"


async def test_tasks_are_seen_as_far_as_a_role_reaches(
    client: AsyncClient, with_key: WithKey, nothing_changes: Unchanged
) -> None:
    group = await grown(client, with_key)
    one, two = await group.hire("sales"), await group.hire("sales")
    boss, far = await group.hire("unit_manager", "east"), await group.hire("unit_manager", "west")
    mine = await made(one.client, "/tasks", CALL)
    given = await made(one.client, "/tasks", CALL | {"assignee_id": two.id})
    theirs = await made(far.client, "/tasks", CALL)
    assert await one.sees("/tasks") == {mine["id"], given["id"]}
    assert await two.sees("/tasks") == {given["id"]}
    assert await boss.sees("/tasks") == {mine["id"], given["id"]}
    assert await far.sees("/tasks") == {theirs["id"]}
    assert ids(await client.get("/tasks")) == {mine["id"], given["id"], theirs["id"]}
    async with nothing_changes():
        refused(await does(two.client, mine, "complete"), 404, "not-found")
        refused(await far.client.get(f"/tasks/{mine['id']}/occurrences"), 404, "not-found")
    await done(two.client, given)
    marketer = await group.hire("marketer")
    async with nothing_changes():
        refused(await marketer.client.get("/tasks"), 403, "forbidden")


async def test_tasks_go_to_whoever_takes_over(
    client: AsyncClient, with_key: WithKey, done: Done, house: House
) -> None:
    group = await grown(client, with_key)
    goes, stays = await group.hire("sales"), await group.hire("sales")
    open_ = await made(goes.client, "/tasks", CALL)
    over = await made(goes.client, "/tasks", CALL)
    told(await does(goes.client, over, "complete"))
    asked = {"rules": [{"to_user_id": stays.id}]}
    preview = await client.post(f"/users/{goes.id}/preview-handover", json=asked)
    assert preview.status_code == 200, preview.text
    shares = {f"{one['noun']}.{one['role']}": one for one in preview.json()["roles"]}
    told_of = shares["task.assignee"]
    assert [one["records"] for one in told_of["to"]] == [1]
    assert told_of["read_only"] == 1
    job = await done(client, await client.post(f"/users/{goes.id}/handover", json=asked))
    assert job["figures"]["task"] == 1
    taken = await read(client, open_)
    assert (taken["assignee_id"], taken["creator_id"]) == (stays.id, goes.id)
    assert (await read(client, over))["assignee_id"] == goes.id
    assert await happened(client, house, open_) == ["created", "updated"]


async def test_a_version_that_others_have_changed_is_not_overwritten(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    task = await new_task(client, checklist=STEPS)
    await changed(client, task, priority="high")
    stale = {"If-Match": '"1"'}
    async with nothing_changes():
        for verb in ("complete", "reopen", "end-series"):
            answer = await client.post(f"/tasks/{task['id']}/{verb}", headers=stale)
            refused(answer, 412, "precondition-failed")
        answer = await client.patch(f"/tasks/{task['id']}", json={"priority": "low"}, headers=stale)
        problem = refused(answer, 412, "precondition-failed")
    assert problem["changed"][0]["pointer"] == "/priority"


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"subject": " "}, "/subject"),
        ({"subject": None}, "/subject"),
        ({"priority": "asap"}, "/priority"),
        ({"state": "done"}, "/state"),
        ({"due_on": "2026-02-30"}, "/due_on"),
        ({"due_on": "2199-12-31"}, "/due_on"),
        ({"due_at": "2026-12-01T09:00:00"}, "/due_at"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"remind_at": "tomorrow"}, "/remind_at"),
        ({"checklist": [{"text": ""}]}, "/checklist/0/text"),
        ({"checklist": [{"key": "a b", "text": "A"}]}, "/checklist/0/key"),
        ({"records": ["nobody"]}, "/records/0"),
        ({"recurrence": {"rule": "FREQ=HOURLY"}}, "/recurrence/rule"),
        ({"recurrence": {}}, "/recurrence/rule"),
        ({"series_id": "tsk_019a2b7c4d5e7f60a1b2c3d4e5f60718"}, "/series_id"),
        ({"next_task_id": None}, "/next_task_id"),
    ],
)
async def test_what_does_not_fit_is_told_and_not_kept(
    client: AsyncClient, nothing_changes: Unchanged, said: Json, pointer: str
) -> None:
    task = await new_task(client)
    body = CALL | {"business_unit_id": task["business_unit_id"]} | said
    async with nothing_changes():
        for answer in (
            await client.post("/tasks", json=body),
            await client.patch(f"/tasks/{task['id']}", json=said),
        ):
            problem = refused(answer, 422, "validation-failed")
            assert [error["pointer"] for error in problem["errors"]] == [pointer]


async def test_a_task_has_so_many_ids_elsewhere_however_they_come(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    task = await new_task(client, external_ids={f"s{n}": "1" for n in range(20)})
    async with nothing_changes():
        answer = await client.patch(f"/tasks/{task['id']}", json={"external_ids": {"more": "1"}})
        problem = refused(answer, 422, "validation-failed")
        assert problem["errors"][0]["pointer"] == "/external_ids"


async def test_a_batch_that_moves_times_is_waited_for(client: AsyncClient, house: House) -> None:
    unit = await shop(client)
    items: list[Json] = [
        {"external_id": f"{n}", "data": CALL | {"business_unit_id": unit}} for n in range(20)
    ]
    batch = {"system": "outlook", "items": items}
    assert (await client.post("/tasks/batch-upsert", json=batch)).status_code == 200
    for item in items:
        item["data"]["due_at"] = ahead(hours=1)
    answer = await client.post("/tasks/batch-upsert", json=batch)
    assert {one["outcome"] for one in answer.json()["data"]} == {"updated"}
    await time_passes(house)
    assert await listed(client, overdue=True) == []
    await advance(client, house, minutes=61)
    assert len(await listed(client, overdue=True)) == 20
