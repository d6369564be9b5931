"""What was and will be done with customers, as a front end meets it."""

import asyncio
from typing import Any

import pytest
from asyncpg import Connection as Admin

from crm_api.kit.context import House
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.profiles.test_unit_profiles import made, user
from tests.features.test_customers import refused
from tests.platform.test_business_units import unit

from .desk import Desk, Json, ago, desk_of

NOBODY = f"cus_{'f' * 32}"


async def test_a_meeting_is_planned_and_completed(desk: Desk) -> None:
    owner, other = [await user(desk.client, name) for name in ("李娜", "张伟")]
    said: Json = {
        "kind": "meeting",
        "notes": "Bring samples.\nAsk about June.",
        "contact_id": desk.customer,
        "owner_id": owner,
        "collaborator_ids": [other],
        "starts_at": "2099-03-01T09:00:00+08:00",
        "ends_at": "2099-03-01T10:00:00+08:00",
        "location": "Their office",
        "records": [desk.customer, desk.customer],
    }
    plan = await desk.plan(**said)
    assert plan == plan | said | {
        "object": "activity",
        "state": "planned",
        "starts_at": "2099-03-01T01:00:00.000Z",
        "ends_at": "2099-03-01T02:00:00.000Z",
        "due_at": "2099-03-01T01:00:00.000Z",
        "happens_at": "2099-03-01T01:00:00.000Z",
        "records": [desk.customer],
        "done_at": None,
        "version": 1,
    }
    done = await desk.told(plan, "complete", outcome="Wants an offer", next_step="Send it")
    assert done == plan | {
        "state": "done",
        "outcome": "Wants an offer",
        "next_step": "Send it",
        "done_at": done["updated_at"],
        "happens_at": done["updated_at"],
        "due_at": None,
        "version": 2,
        "updated_at": done["updated_at"],
    }
    assert await desk.read(plan) == done


async def test_a_call_that_was_just_made_is_written_down_as_done(desk: Desk) -> None:
    at = ago(minutes=5)
    for said in ({"done_at": at}, {"state": "done", "done_at": at}):
        answer = await desk.post(**said)
        assert (answer.status_code, answer.json()["state"]) == (201, "done")
        assert (answer.json()["done_at"], answer.json()["starts_at"]) == (at, None)
    now = (await desk.post(state="done")).json()
    assert now["done_at"] == now["created_at"]
    note = (await desk.post(kind="note", customer_id=None)).json()
    assert (note["state"], note["done_at"]) == ("done", note["created_at"])


async def test_a_plan_goes_its_ways(desk: Desk, house: House, nothing_changes: Unchanged) -> None:
    verbs: dict[str, Json] = {
        "complete": {},
        "cancel": {},
        "miss": {},
        "reschedule": {"starts_at": "2099-01-01T00:00:00Z"},
    }
    ways = {
        "complete": set[str](),
        "cancel": set[str](),
        "miss": {"complete", "reschedule"},
        "reschedule": set(verbs),
    }
    for first, following in ways.items():
        for second, body in verbs.items():
            plan = await desk.plan()
            await desk.told(plan, first, **verbs[first])
            if second in following:
                await desk.told(plan, second, **body)
                continue
            async with nothing_changes():
                problem = refused(await desk.tell(plan, second, **body), 409, "invalid-transition")
            assert problem["allowed"] == (["done", "planned"] if first == "miss" else [])
    types = [record["type"] for record in await desk.history(plan, house)]
    assert types == ["activity.rescheduled", "activity.created"]  # and nothing by the same again


async def test_what_was_missed_is_planned_again_or_done_after_all(desk: Desk) -> None:
    missed = await desk.plan(ends_at="2098-01-01T00:00:00Z", starts_at="2097-01-01T00:00:00Z")
    assert (await desk.told(missed, "miss"))["due_at"] is None
    again = await desk.told(missed, "reschedule", starts_at="2099-01-01T00:00:00Z")
    assert (again["state"], again["due_at"]) == ("planned", "2099-01-01T00:00:00.000Z")
    assert again["ends_at"] is None
    moved = (await desk.patch(again, starts_at="2099-02-01T00:00:00Z")).json()
    assert moved["due_at"] == moved["happens_at"] == "2099-02-01T00:00:00.000Z"
    await desk.told(missed, "miss")
    assert (await desk.told(missed, "complete"))["state"] == "done"


async def test_why_something_was_cancelled_stands_in_its_history(desk: Desk, house: House) -> None:
    plan = await desk.plan()
    await desk.told(plan, "cancel", reason="The customer is ill")
    record, _ = await desk.history(plan, house)
    assert (record["type"], record["reason"]) == ("activity.cancelled", "The customer is ill")
    assert record["changes"]["state"] == {"old": "planned", "new": "cancelled"}


async def test_what_was_done_a_day_ago_is_changed_for_a_reason(
    desk: Desk, house: House, nothing_changes: Unchanged
) -> None:
    done, colleague = await desk.done(ago(hours=23)), await user(desk.client, "李娜")
    free = await desk.patch(done, outcome="Bought", reason="Forgot it")
    assert (free.status_code, free.json()["version"]) == (200, 2)
    assert (await desk.patch(done, outcome="Bought two")).status_code == 200
    await desk.wait(hours=2)
    who = {"collaborator_ids": [colleague]}
    async with nothing_changes():
        for late in (
            await desk.patch(done, outcome="Bought three"),
            await desk.patch(done, done_at=ago(hours=1)),
            await desk.tell(done, "add-collaborators", **who),
        ):
            problem = refused(late, 422, "validation-failed")
            codes = [(e["pointer"], e["code"]) for e in problem["errors"]]
            assert codes == [("/reason", "reason_required")]
        assert (await desk.patch(done, outcome="Bought two")).json()["version"] == 3
    why = {"reason": "The offer was a typing error"}
    assert (await desk.patch(done, outcome="Bought three", **why)).json()["version"] == 4
    await desk.told(done, "add-collaborators", **who, reason="Was there too")
    newest = await desk.history(done, house)
    told = [record["reason"] for record in newest]
    assert told == ["Was there too", "The offer was a typing error", None, "Forgot it", None]
    assert newest[1]["changes"] == {"outcome": {"old": "Bought two", "new": "Bought three"}}


async def test_plans_are_changed_without_reasons(desk: Desk) -> None:
    plan = await desk.plan(ago(days=30))
    await desk.wait(days=2)
    assert (await desk.patch(plan, subject="Autumn order")).json()["subject"] == "Autumn order"
    assert (await desk.told(plan, "complete"))["state"] == "done"


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({}, "/starts_at", "missing"),
        ({"state": "planned", "starts_at": "$", "done_at": "$"}, "/done_at", "not_done"),
        ({"done_at": "2099-01-01T00:00:00Z"}, "/done_at", "in_the_future"),
        ({"starts_at": "$", "ends_at": "2020-01-01T00:00:00Z"}, "/ends_at", "before_start"),
        ({"done_at": "$", "ends_at": "$"}, "/ends_at", "before_start"),
        ({"done_at": "$", "contact_id": "@", "customer_id": None}, "/contact_id", "no_customer"),
    ],
)
async def test_an_activity_is_consistent(
    desk: Desk, nothing_changes: Unchanged, said: Json, pointer: str, code: str
) -> None:
    known = {"$": ago(hours=1), "@": desk.customer}
    async with nothing_changes():
        answer = await desk.post(**{name: known.get(v, v) for name, v in said.items()})
    problem = refused(answer, 422, "validation-failed")
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [(pointer, code)]


async def test_a_change_leaves_it_consistent(desk: Desk, nothing_changes: Unchanged) -> None:
    plan = await desk.plan(contact_id=desk.customer, ends_at=ago(minutes=10))
    wrong: list[tuple[Json, str]] = [
        ({"starts_at": None}, "/starts_at"),
        ({"starts_at": ago(minutes=1)}, "/ends_at"),
        ({"customer_id": None}, "/contact_id"),
        ({"done_at": ago(minutes=1)}, "/done_at"),
    ]
    async with nothing_changes():
        for said, pointer in wrong:
            problem = refused(await desk.patch(plan, **said), 422, "validation-failed")
            assert [e["pointer"] for e in problem["errors"]] == [pointer]
        late = await desk.tell(plan, "complete", done_at="2099-01-01T00:00:00Z")
        assert refused(late, 422, "validation-failed")["errors"][0]["pointer"] == "/done_at"


async def test_customers_contacts_and_records_are_there_for_whoever_names_them(
    desk: Desk, caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    stranger = await desk_of(await caller(tenant=await new_tenant_()))
    theirs = await stranger.plan()
    firm = await made(desk.client, "customers", kind="organization", name="Acme")
    plan = await desk.plan()
    unknown: list[tuple[Json, str]] = [
        ({"customer_id": NOBODY}, "/customer_id"),
        ({"customer_id": stranger.customer}, "/customer_id"),
        ({"contact_id": NOBODY}, "/contact_id"),
        ({"records": [desk.customer, theirs["id"]]}, "/records/1"),
        ({"records": [f"dea_{'1' * 32}"]}, "/records/0"),
        ({"owner_id": f"usr_{'f' * 32}"}, "/owner_id"),
        ({"collaborator_ids": [f"usr_{'f' * 32}"]}, "/collaborator_ids/0"),
    ]
    async with nothing_changes():
        for said, pointer in unknown:
            for answer in (
                await desk.post(starts_at=ago(hours=1), **said),
                await desk.patch(plan, **said),
            ):
                problem = refused(answer, 422, "unknown-reference")
                assert [e["pointer"] for e in problem["errors"]] == [pointer]
        for answer in (
            await desk.post(starts_at=ago(hours=1), contact_id=firm["id"]),
            await desk.patch(plan, contact_id=firm["id"]),
        ):
            problem = refused(answer, 422, "validation-failed")
            assert problem["errors"][0]["code"] == "no_person"
    of_firm = await desk.plan(customer_id=firm["id"], contact_id=desk.customer)
    assert of_firm["contact_id"] == desk.customer


async def test_records_that_one_may_not_read_are_not_there_to_be_linked(
    desk: Desk, caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    full = await desk_of(await caller(tenant=tenant))
    clerk = Desk(await caller("activities:write", tenant=tenant), full.unit, full.customer)
    async with nothing_changes():
        answer = await clerk.post(starts_at=ago(hours=1), records=[full.customer])
        refused(answer, 422, "unknown-reference")


async def test_no_activity_begins_with_an_archived_customer(
    desk: Desk, nothing_changes: Unchanged
) -> None:
    plan, profile = await desk.plan(), await desk.profile()
    await desk.client.post(f"/customers/{desk.customer}/archive")
    async with nothing_changes():
        refused(await desk.post(starts_at=ago(hours=1)), 409, "conflict")
    assert (await desk.patch(plan, subject="Still to be done")).status_code == 200
    assert (await desk.told(plan, "complete"))["state"] == "done"
    assert (await desk.client.get(desk.place)).json() == profile


async def test_those_who_take_part_come_and_go_whatever_others_do(
    desk: Desk, nothing_changes: Unchanged
) -> None:
    users = [await user(desk.client, f"U{n}") for n in range(5)]
    plan = await desk.plan(collaborator_ids=users[:1])
    answers = await asyncio.gather(
        *(desk.tell(plan, "add-collaborators", collaborator_ids=[one]) for one in users[1:])
    )
    assert [a.status_code for a in answers] == [200] * 4
    assert sorted((await desk.read(plan))["collaborator_ids"]) == sorted(users)
    left = await desk.told(plan, "remove-collaborators", collaborator_ids=users[:2])
    assert sorted(left["collaborator_ids"]) == sorted(users[2:])
    assert await desk.listed(collaborator_id=users[2]) == [plan["id"]]
    assert await desk.listed(collaborator_id=users[0]) == []
    async with nothing_changes():
        nobody = await desk.tell(plan, "add-collaborators", collaborator_ids=[f"usr_{'f' * 32}"])
        problem = refused(nobody, 422, "unknown-reference")
    assert problem["errors"][0]["pointer"] == "/collaborator_ids/0"


async def test_who_has_not_seen_an_activity_does_not_overwrite_it(
    desk: Desk, nothing_changes: Unchanged
) -> None:
    plan = await desk.plan()
    await desk.patch(plan, subject="Autumn order")
    old = {"If-Match": '"1"'}
    place = f"/activities/{plan['id']}"
    async with nothing_changes():
        for late in (
            desk.client.patch(place, json={"subject": "Winter"}, headers=old),
            desk.client.post(f"{place}/complete", json={}, headers=old),
            desk.client.post(f"{place}/miss", headers=old),
        ):
            assert refused(await late, 412, "precondition-failed")["current_version"] == 2


async def test_a_rehearsal_does_nothing(desk: Desk, nothing_changes: Unchanged) -> None:
    plan, _ = await desk.plan(), await desk.profile()
    async with nothing_changes():
        answer = await desk.client.post(
            f"/activities/{plan['id']}/complete", json={}, headers={"Crm-Dry-Run": "true"}
        )
    assert answer.json()["state"] == "done"
    told = "activity.completed, unit_profile.updated"
    assert answer.headers["crm-dry-run-events"] == told


async def test_activities_are_found_by_what_they_are(desk: Desk) -> None:
    owner, firm = (
        await user(desk.client, "李娜"),
        await made(desk.client, "customers", kind="organization", name="Acme", source="fair"),
    )
    below = (await unit(desk.client, "Counter", parent_id=desk.unit))["id"]
    call = await desk.done("2026-11-02T08:00:00Z", owner_id=owner)
    visit = await desk.done("2026-11-10T08:00:00Z", kind="visit", customer_id=firm["id"])
    plan = await desk.plan(
        "2099-01-01T00:00:00Z",
        customer_id=firm["id"],
        contact_id=desk.customer,
        business_unit_id=below,
        records=[firm["id"]],
    )
    one, two, three = call["id"], visit["id"], plan["id"]
    assert await desk.listed() == [three, two, one]
    assert await desk.listed(sort="happens_at") == [one, two, three]
    for asked, found in (
        ({"kind": "visit"}, [two]),
        ({"state": ["planned", "missed"]}, [three]),
        ({"customer_id": firm["id"]}, [three, two]),
        ({"contact_id": desk.customer}, [three]),
        ({"business_unit_id": desk.unit}, [two, one]),
        ({"under": desk.unit}, [three, two, one]),
        ({"owner_id": owner}, [one]),
        ({"record_id": firm["id"]}, [three]),
        ({"record_id": desk.customer}, []),
        ({"starts_at__gte": "2099-01-01T00:00:00Z"}, [three]),
        ({"starts_at__lt": "2099-01-01T00:00:00Z"}, []),
        ({"done_at__gte": "2026-11-10T08:00:00Z"}, [two]),
        ({"done_at__lt": "2026-11-10T08:00:00Z"}, [one]),
        ({"happens_at__gte": "2026-11-03T00:00:00Z", "sort": "-happens_at"}, [three, two]),
        ({"updated_at__gt": call["updated_at"], "sort": "updated_at"}, [two, three]),
    ):
        assert await desk.listed(**asked) == found, asked
    expand = {"expand": ["customer", "contact"]}
    shown = (await desk.client.get(f"/activities/{three}", params=expand)).json()
    assert (shown["customer"]["name"], shown["contact"]["name"]) == ("Acme", "王芳")


async def test_activities_are_searched_and_counted(desk: Desk) -> None:
    owner = await user(desk.client, "李娜")
    for at in ("2026-11-02T08:00:00Z", "2026-11-04T08:00:00Z", "2026-11-11T08:00:00Z"):
        last = await desk.done(at, owner_id=owner, records=[desk.customer])
    await desk.done("2026-11-05T08:00:00Z", kind="visit", owner_id=owner)
    calls: Json = {"kind": "condition", "field": "kind", "op": "eq", "value": "call"}
    asked = {"filter": calls, "group_by": ["owner_id", "done_at"], "period": "week"}
    answer = await desk.client.post("/activities/aggregate", json=asked)
    assert answer.status_code == 200, answer.text
    assert [(g["group"]["done_at"], g["metrics"]["count"]) for g in answer.json()["groups"]] == [
        ("2026-11-02", 2),
        ("2026-11-09", 1),
    ]
    of: list[Json] = [
        {"kind": "condition", "field": "records", "op": "eq", "value": desk.customer},
        {"kind": "condition", "field": "customer.name", "op": "eq", "value": "王芳"},
        {"kind": "condition", "field": "done_at", "op": "gt", "value": "2026-11-05T00:00:00Z"},
    ]
    body = {"filter": {"kind": "all", "of": of}, "sort": ["-happens_at"]}
    answer = await desk.client.post("/activities/search", json=body)
    assert [one["id"] for one in answer.json()["data"]] == [last["id"]]
    fields = (await desk.client.get("/filter-fields", params={"resource": "activities"})).json()
    known = {field["field"] for field in fields["fields"]}
    assert {"due_at", "records", "contact.name", "external_ids.{system}"} <= known


async def test_activities_have_fields_of_the_tenant(desk: Desk, nothing_changes: Unchanged) -> None:
    field = {"resource": "activity", "key": "mood", "kind": "text", "labels": {"en": "Mood"}}
    await made(desk.client, "custom-fields", **field, indexed=True)
    plan = await desk.plan(custom={"mood": "good"})
    assert plan["custom"] == {"mood": "good"}
    assert (await desk.patch(plan, custom={"mood": "bad"})).json()["custom"] == {"mood": "bad"}
    asked: Json = {"kind": "condition", "field": "custom.mood", "op": "eq", "value": "bad"}
    body = {"filter": asked, "sort": ["custom.mood"]}
    answer = await desk.client.post("/activities/search", json=body)
    assert [one["id"] for one in answer.json()["data"]] == [plan["id"]]
    async with nothing_changes():
        wrong = refused(await desk.patch(plan, custom={"x": 1}), 422, "validation-failed")
    assert wrong["errors"][0]["pointer"] == "/custom/x"


async def test_the_database_keeps_an_activity_whole(desk: Desk, admin: "Admin[Any]") -> None:
    plan, done = await desk.plan(contact_id=desk.customer), await desk.done()
    for id, wrong in (
        (plan["id"], "state = 'done'"),
        (plan["id"], "done_at = now()"),
        (plan["id"], "ends_at = starts_at - interval '1 s'"),
        (plan["id"], "customer_id = NULL"),
        (plan["id"], "due_at = NULL"),
        (plan["id"], "state = 'missed'"),
        (done["id"], "due_at = now()"),
        (done["id"], "ends_at = now()"),
    ):
        with pytest.raises(Exception, match="violates check constraint"):
            await admin.execute(f"UPDATE activities SET {wrong} WHERE id = $1", id[4:])
    with pytest.raises(Exception, match="violates not-null constraint"):
        await admin.execute(
            "UPDATE activities SET starts_at = NULL, due_at = NULL, state = 'missed' WHERE id = $1",
            plan["id"][4:],
        )
