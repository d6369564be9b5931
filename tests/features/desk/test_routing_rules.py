"""Rules: which tickets go to which queue, and what it takes to answer them."""

from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from tests.conftest import NewClient, NewTenant, Unchanged, WithKey
from tests.features.pipeline.selling import unit
from tests.features.test_customers import refused
from tests.grouping import grown, made

from .staffing import URGENT, VIP, Json, act, agent, now, queue, rule

NOBODY = "f" * 32


async def tried(client: AsyncClient, ticket: Json | None = None, **said: Any) -> Json:
    return await made(client, "/routing-rules/try", {"ticket": ticket or {}, **said}, 200)


async def person(client: AsyncClient, *tags: str) -> str:
    body = {"kind": "person", "name": "王芳", "tags": list(tags)}
    return str((await made(client, "/customers", body))["id"])


async def test_a_rule_is_answered_as_it_was_said(client: AsyncClient) -> None:
    to, east = await queue(client), await unit(client)
    said = {
        "name": "VIPs",
        "position": 100,
        "business_unit_id": east,
        "conditions": VIP,
        "queue_id": to["id"],
        "skills": ["refunds"],
        "enabled": False,
    }
    created = await client.post("/routing-rules", json={**said, "skills": ["Refunds"]})
    assert created.status_code == 201, created.text
    one = created.json()
    assert {**one, **said} == one
    place = f"/routing-rules/{one['id']}"
    assert (await client.get(place)).content == created.content
    changed: Json = {"conditions": None, "business_unit_id": None, "enabled": True, "skills": []}
    patched = (await client.patch(place, json=changed)).json()
    assert {**patched, **changed, "version": 2} == patched
    assert (await client.delete(place)).status_code == 204
    refused(await client.get(place), 404, "not-found")


async def test_rules_are_listed_in_the_order_in_which_they_are_asked(client: AsyncClient) -> None:
    to, other, east = await queue(client), await queue(client), await unit(client)
    last = await rule(client, to, position=900)
    first = await rule(client, other, position=10, business_unit_id=east, enabled=False)
    for query, wanted in (
        ({}, [first, last]),
        ({"sort": "-position"}, [last, first]),
        ({"sort": "created_at"}, [last, first]),
        ({"queue_id": to["id"]}, [last]),
        ({"business_unit_id": east}, [first]),
        ({"enabled": "true"}, [last]),
    ):
        found = (await client.get("/routing-rules", params=query)).json()["data"]
        assert found == wanted, query


@pytest.mark.parametrize(
    ("said", "status", "pointer"),
    [
        ({"position": -1}, 422, "/position"),
        ({"position": 1_000_001}, 422, "/position"),
        ({"position": 7}, 409, "/position"),
        ({"queue_id": f"que_{NOBODY}"}, 422, "/queue_id"),
        ({"queue_id": None}, 422, "/queue_id"),
        ({"business_unit_id": f"bun_{NOBODY}"}, 422, "/business_unit_id"),
        ({"skills": [""]}, 422, "/skills/0"),
        ({"conditions": {**URGENT, "field": "colour"}}, 422, "/conditions/field"),
        ({"conditions": {**URGENT, "value": "soon"}}, 422, "/conditions/value"),
        ({"conditions": {"kind": "all"}}, 422, "/conditions/of"),
    ],
)
async def test_what_a_rule_cannot_be(
    client: AsyncClient, nothing_changes: Unchanged, said: Json, status: int, pointer: str
) -> None:
    to = await queue(client)
    one = await rule(client, to, position=7)
    other = await rule(client, to, position=8)
    body = {"name": "A", "position": 9, "queue_id": to["id"], **said}
    async with nothing_changes():
        for answer in (
            await client.post("/routing-rules", json=body),
            await client.patch(f"/routing-rules/{other['id']}", json=said),
        ):
            assert answer.status_code == status, answer.text
            assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert one["position"] == 7


async def test_a_rule_does_not_begin_with_an_archived_queue_and_keeps_one(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    to = await queue(client)
    one = await rule(client, to)
    await act(client, to, "archive")
    async with nothing_changes():
        body = {"name": "A", "position": 999, "queue_id": to["id"]}
        refused(await client.post("/routing-rules", json=body), 409, "conflict")
    place, said = f"/routing-rules/{one['id']}", {"name": "B", "queue_id": to["id"]}
    assert (await client.patch(place, json=said)).json()["name"] == "B"


async def test_the_first_rule_that_fits_is_the_one(client: AsyncClient) -> None:
    usual = await queue(client, is_default=True)
    vips, urgent, closed = [await queue(client) for _ in range(3)]
    of_vips = await rule(client, vips, position=20, conditions=VIP, skills=["refunds"])
    of_urgent = await rule(client, urgent, position=30, conditions=URGENT)
    await rule(client, vips, position=5, enabled=False)
    await rule(client, closed, position=1)
    await act(client, closed, "archive")
    vip, other = await person(client, "vip"), await person(client)
    hurried = {"priority": "urgent"}
    for ticket, who, queued, by in (
        ({}, None, usual, None),
        ({}, other, usual, None),
        (hurried, None, urgent, of_urgent),
        (hurried, other, urgent, of_urgent),
        (hurried, vip, vips, of_vips),
        ({}, vip, vips, of_vips),
    ):
        found = await tried(client, ticket, requester_id=who)
        assert found["queue_id"] == queued["id"], (ticket, who)
        assert found["rule_id"] == (by and by["id"])
        assert found["skills"] == (by["skills"] if by else [])


async def test_a_rule_of_a_unit_is_for_tickets_of_it_and_of_those_below(
    client: AsyncClient,
) -> None:
    east = await unit(client, "East")
    shop, west = await unit(client, "Shop", parent_id=east), await unit(client, "West")
    to = await queue(client)
    await rule(client, to, business_unit_id=east)
    for at, wanted in ((east, to["id"]), (shop, to["id"]), (west, None), (None, None)):
        found = await tried(client, business_unit_id=at)
        assert found["queue_id"] == wanted, at
        assert found["agents"] == []


async def test_a_trial_says_of_everybody_what_hinders_him(
    client: AsyncClient, admin: "Admin[Any]", nothing_changes: Unchanged
) -> None:
    able: Json = {"skills": ["refunds", "german"]}
    fit, away, gone = await agent(client, **able), await agent(client, "away"), await agent(client)
    full, off = await agent(client, capacity=0, **able), await agent(client, "offline", **able)
    left = await agent(client, **able)
    to = await queue(client, fit, away, gone, full, off, left)
    await rule(client, to, skills=["Refunds"])
    await act(client, gone, "archive")
    await made(client, f"/users/{left['user_id']}/suspend", None, 200)
    async with nothing_changes():
        found = await tried(client)
    hinders = {one["agent_id"]: one["hindrances"] for one in found["agents"]}
    assert hinders == {
        fit["id"]: [],
        away["id"]: ["away", "lacks_skills"],
        gone["id"]: ["archived", "offline", "lacks_skills"],
        full["id"]: ["full"],
        off["id"]: ["offline"],
        left["id"]: ["not_enabled", "offline"],
    }
    assert [one["agent_id"] for one in found["agents"] if one["can_take"]] == [fit["id"]]
    assert (found["agent_id"], found["strategy"]) == (fit["id"], "round_robin")
    await client.patch(f"/queues/{to['id']}", json={"strategy": "manual"})
    by_hand = await tried(client)
    assert (by_hand["agent_id"], by_hand["agents"]) == (None, found["agents"])


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"requester_id": f"cus_{NOBODY}"}, "/requester_id"),
        ({"business_unit_id": f"bun_{NOBODY}"}, "/business_unit_id"),
        ({"ticket": {"priority": "soon"}}, "/ticket/priority"),
        ({"ticket": {"number": "TIC-1"}}, "/ticket/number"),
        ({"ticket": None}, "/ticket"),
    ],
)
async def test_what_cannot_be_tried(client: AsyncClient, said: Json, pointer: str) -> None:
    answer = await client.post("/routing-rules/try", json={"ticket": {}, **said})
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_nobody_learns_by_a_trial_of_a_customer_whom_he_does_not_see(
    caller: NewClient, new_tenant_: NewTenant, with_key: WithKey
) -> None:
    group = await grown(await caller(tenant=await new_tenant_()), with_key)
    vips = await queue(group.admin)
    await rule(group.admin, vips, conditions=VIP)
    who = await group.customer("west", tags=["vip"])
    clerk = await group.hire("service_agent", "shanghai")
    body = {"ticket": {}, "requester_id": who}
    refused(await clerk.client.post("/routing-rules/try", json=body), 422, "unknown-reference")
    assert (await tried(group.admin, requester_id=who))["queue_id"] == vips["id"]
    assert (await now(group.admin, vips))["state"] == "live"
