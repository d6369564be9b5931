"""SLA policies as a front end meets them."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient

from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.pipeline.selling import unit, user
from tests.features.test_customers import refused
from tests.platform.test_calendars import SHANGHAI

from .policies import NEVER, OF_VIPS, SOON, TARGETS, Json, act, know_tickets, names, policy, put

STEP: Json = {
    "clock": "first_response",
    "at_percent": 80,
    "at_minutes": None,
    "action": "notify",
    "user_ids": [],
}
UNFIT: list[tuple[Json, str, str]] = [
    ({"targets": {"normal": {"first_response_minutes": 0}}}, "", "greater_than_equal"),
    ({"targets": {"normal": {"first_response_minutes": 527_041}}}, "", "less_than_equal"),
    ({"targets": {"normal": {"answer_minutes": 5}}}, "", "extra_forbidden"),
    ({"targets": {"soon": SOON}}, "/targets/soon", "extra_forbidden"),
    ({"pauses_on": ["resolved"]}, "/pauses_on/0", "literal_error"),
    ({"position": -1}, "/position", "greater_than_equal"),
    ({"name": " "}, "/name", "string_pattern_mismatch"),
    ({"escalations": [{**STEP, "at_minutes": 5}]}, "/escalations/0", "step_time"),
    ({"escalations": [{**STEP, "at_percent": None}]}, "/escalations/0", "step_time"),
    (
        {"escalations": [{**STEP, "at_percent": 0}]},
        "/escalations/0/at_percent",
        "greater_than_equal",
    ),
    ({"escalations": [STEP, STEP]}, "/escalations", "step_twice"),
    ({"escalations": [{**STEP, "action": "shout"}]}, "/escalations/0/action", "enum"),
    (
        {"escalations": [{**STEP, "action": "reassign", "user_ids": ["usr_" + "f" * 32]}]},
        "/escalations/0",
        "step_users",
    ),
    (
        {"escalations": [{**STEP, "user_ids": ["usr_" + "f" * 32]}]},
        "/escalations/0/user_ids/0",
        "unknown_reference",
    ),
    ({"calendar_id": "cal_" + "f" * 32}, "/calendar_id", "unknown_reference"),
    ({"is_default": True, "conditions": OF_VIPS}, "/conditions", "default_for_all"),
    (
        {"conditions": {**OF_VIPS, "field": "requester.shoe_size"}},
        "/conditions/field",
        "unknown_field",
    ),
]


@pytest.fixture(autouse=True)
def _tickets(monkeypatch: pytest.MonkeyPatch) -> None:
    know_tickets(monkeypatch)


async def test_every_tenant_begins_with_an_answer_to_vips_within_two_hours(
    caller: NewClient, new_tenant_: NewTenant
) -> None:
    client = await caller(tenant=await new_tenant_(languages=["zh-CN"]))
    [vip] = (await client.get("/sla-policies")).json()["data"]
    assert (vip["name"], vip["conditions"], vip["calendar_id"]) == ("VIP 客户", OF_VIPS, None)
    soon = {**NEVER, "first_response_minutes": 120}
    assert vip["targets"] == dict.fromkeys(("low", "normal", "high", "urgent"), soon)
    assert (vip["enabled"], vip["is_default"], vip["pauses_on"]) == (
        True,
        False,
        ["waiting_customer"],
    )
    changed = await put(client, vip, name="VIP", enabled=False)
    assert (changed.status_code, changed.json()["version"]) == (200, 2)


async def test_a_policy_is_read_as_it_was_made(client: AsyncClient) -> None:
    lina = await user(client)
    said: Json = {
        "position": 7,
        "conditions": OF_VIPS,
        "pauses_on": ["waiting_third_party", "waiting_customer"],
        "escalations": [{**STEP, "user_ids": [lina]}],
        "business_unit_id": await unit(client),
    }
    made = await policy(client, "Key accounts", **said)
    waits = ["waiting_customer", "waiting_third_party"]
    assert {name: made[name] for name in said} == {**said, "pauses_on": waits}
    assert made["targets"] == {"low": NEVER, "high": NEVER, **TARGETS}
    where = f"/sla-policies/{made['id']}"
    assert (await client.get(where)).json() == made
    same = await put(client, made, targets=TARGETS, escalations=said["escalations"])
    assert same.json()["version"] == 1
    bare = await put(client, made, conditions=None, escalations=[], targets={})
    told = bare.json()
    assert (told["conditions"], told["escalations"], told["targets"]["normal"]) == (None, [], NEVER)


@pytest.mark.parametrize(("said", "pointer", "code"), UNFIT)
async def test_what_a_policy_cannot_be(
    client: AsyncClient, nothing_changes: Unchanged, said: Json, pointer: str, code: str
) -> None:
    kept = await policy(client)
    async with nothing_changes():
        for answer in (
            await client.post("/sla-policies", json={"name": "No", "targets": TARGETS, **said}),
            await put(client, kept, **said),
        ):
            assert answer.status_code == 422, answer.text
            [error] = answer.json()["errors"]
            assert error["code"] == code
            assert not pointer or error["pointer"] == pointer


async def test_policies_are_listed_as_they_are_held_against_tickets(client: AsyncClient) -> None:
    shop = await unit(client, "Shop")
    for name, position in (("B", 20), ("A", 10), ("C", 20)):
        await policy(client, name, position=position, business_unit_id=shop)
    assert await names(client, business_unit_id=shop) == ["A", "B", "C"]
    assert await names(client, business_unit_id=shop, sort="-created_at") == ["C", "A", "B"]
    off = await policy(client, "D", enabled=False, business_unit_id=shop)
    assert await names(client, business_unit_id=shop, enabled="false") == ["D"]
    await act(client, off, "archive")
    assert await names(client, business_unit_id=shop, enabled="false") == []
    assert await names(client, business_unit_id=shop, state="archived") == ["D"]


async def test_a_unit_has_one_default_that_is_enabled_and_so_has_the_group(
    caller: NewClient, nothing_changes: Unchanged
) -> None:
    client = await caller()
    shop = await unit(client, "Shop")
    for of in ({}, {"business_unit_id": shop}):
        first = await policy(client, is_default=True, **of)
        off = await policy(client, is_default=True, enabled=False, **of)
        body = {"name": "Two", "targets": TARGETS, "is_default": True, **of}
        async with nothing_changes():
            for answer in (
                await client.post("/sla-policies", json=body),
                await put(client, off, enabled=True),
            ):
                problem = refused(answer, 409, "duplicate-value")
                assert problem["errors"][0]["pointer"] == "/is_default"
        await act(client, first, "archive")
        assert (await put(client, off, enabled=True)).status_code == 200
        async with nothing_changes():
            refused(await act(client, first, "restore"), 409, "duplicate-value")


async def test_of_several_that_become_the_default_at_once_one_does(caller: NewClient) -> None:
    client = await caller()
    several = [await policy(client) for _ in range(6)]
    answers = await asyncio.gather(*(put(client, one, is_default=True) for one in several))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]


async def test_what_is_archived_is_read_and_not_changed(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    made = await policy(client)
    assert (await act(client, made, "archive")).json()["state"] == "archived"
    async with nothing_changes():
        refused(await put(client, made, name="Other"), 409, "conflict")
        refused(await act(client, made, "archive"), 409, "invalid-transition")
    assert (await act(client, made, "restore")).json()["state"] == "live"


async def test_a_calendar_that_clocks_count_by_is_not_deleted(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    calendar = (await client.post("/business-calendars", json=SHANGHAI)).json()
    await policy(client, calendar_id=calendar["id"])
    async with nothing_changes():
        answer = await client.delete(f"/business-calendars/{calendar['id']}")
        assert answer.status_code in (409, 422), answer.text


async def test_a_tenant_has_two_hundred_live_policies(
    caller: NewClient, nothing_changes: Unchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_api.features.desk.sla_policies.rules.MOST_POLICIES", 3)
    client = await caller()
    first, _ = await policy(client), await policy(client)
    async with nothing_changes():
        body = {"name": "One more", "targets": TARGETS}
        refused(await client.post("/sla-policies", json=body), 409, "conflict")
    await act(client, first, "archive")
    await policy(client)
    async with nothing_changes():
        refused(await act(client, first, "restore"), 409, "conflict")


async def test_a_policy_tells_when_a_ticket_would_be_due_and_why(client: AsyncClient) -> None:
    """In 2026 the Spring Festival is from 16 to 20 February, and Saturday the 14th is worked."""
    calendar = (await client.post("/business-calendars", json=SHANGHAI)).json()
    targets = {**TARGETS, "high": {"resolution_minutes": 600}}
    made = await policy(client, calendar_id=calendar["id"], escalations=[STEP], targets=targets)
    asked = {"priority": "normal", "started_at": "2026-02-13T17:30:00+08:00"}
    answer = await act(client, made, "try", **asked)
    assert answer.status_code == 200, answer.text
    first, following, solved = answer.json()["clocks"]
    assert [one["clock"] for one in (first, following, solved)] == [
        "first_response",
        "next_response",
        "resolution",
    ]
    assert first["due_at"] == "2026-02-14T01:30:00.000Z"
    assert [(p["kind"], p["because"], p["seconds"]) for p in first["because"]] == [
        ("counted", "week", 1_800),
        ("closed", "week", 6 * 3_600),
        ("closed", "make_up_workday", 9 * 3_600),
        ("counted", "make_up_workday", 1_800),
    ]
    [step] = first["escalations"]
    assert (step["at"], step["done"]) == ("2026-02-14T01:18:00.000Z", False)
    assert solved["due_at"] == "2026-02-14T10:00:00.000Z"
    assert (first["remaining_seconds"], first["state"], first["target_seconds"]) == (
        3_600,
        "running",
        3_600,
    )
    later = await act(client, made, "try", **{**asked, "priority": "high"})
    [solved] = later.json()["clocks"]
    assert solved["due_at"] == "2026-02-24T03:00:00.000Z"
    assert {p["because"] for p in solved["because"]} == {
        "week",
        "make_up_workday",
        "public_holiday",
    }
    assert "春节" in {p["name"] for p in solved["because"]}
    none: Any = await act(client, made, "try", priority="low")
    assert none.json()["clocks"] == []
    refused(await client.post(f"/sla-policies/slp_{'f' * 32}/try", json=asked), 404, "not-found")
