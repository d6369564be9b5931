"""Queues: where tickets wait, and who takes them there."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from tests.conftest import Unchanged
from tests.features.pipeline.selling import unit
from tests.features.test_customers import refused

from .staffing import Json, act, agent, now, queue

NOBODY = "f" * 32
PAIRS = """
SELECT bool_and((SELECT array_agg(agent_id ORDER BY agent_id) FROM queue_members m
  WHERE m.queue_id = q.id) IS NOT DISTINCT FROM (
    SELECT array_agg(substr(id, 5)::uuid ORDER BY substr(id, 5)::uuid) FROM unnest(q.member_ids) id
  )) FROM queues q"""


def named(*agents: Json) -> Json:
    return {"agent_ids": [one["id"] for one in agents]}


async def test_a_queue_is_answered_as_it_was_said(client: AsyncClient) -> None:
    east, one = await unit(client), await agent(client)
    said = {"name": "退款", "business_unit_id": east, "strategy": "least_load", "is_default": True}
    created = await client.post("/queues", json={**said, "member_ids": [one["id"]] * 2})
    assert created.status_code == 201, created.text
    made = created.json()
    assert {**made, **said, "member_ids": [one["id"]], "state": "live"} == made
    place = f"/queues/{made['id']}"
    assert (await client.get(place)).content == created.content
    changed = {"name": "Refunds", "business_unit_id": None, "strategy": "manual"}
    patched = (await client.patch(place, json=changed)).json()
    assert {**patched, **changed, "version": 2} == patched
    usual = (await client.post("/queues", json={"name": "Usual"})).json()
    assert (usual["strategy"], usual["member_ids"], usual["is_default"]) == (
        "round_robin",
        [],
        False,
    )


async def test_members_come_and_go_one_by_one(client: AsyncClient, admin: "Admin[Any]") -> None:
    one, two = await agent(client), await agent(client, "offline")
    made = await queue(client, one)
    added = await act(client, made, "add-members", named(two, one))
    assert added["member_ids"] == [one["id"], two["id"]]
    again = await act(client, made, "add-members", named(two))
    assert again["version"] == added["version"]
    left = await act(client, made, "remove-members", named(one))
    assert left["member_ids"] == [two["id"]]
    assert await act(client, made, "remove-members", named(one)) == left
    assert await admin.fetchval(PAIRS)


async def test_of_many_who_add_members_at_once_all_are_in(
    client: AsyncClient, admin: "Admin[Any]"
) -> None:
    made, people = await queue(client), [await agent(client, "offline") for _ in range(10)]
    answers = await asyncio.gather(
        *(client.post(f"/queues/{made['id']}/add-members", json=named(one)) for one in people)
    )
    assert {answer.status_code for answer in answers} == {200}
    assert set((await now(client, made))["member_ids"]) == {one["id"] for one in people}
    assert await admin.fetchval(PAIRS)


async def test_who_is_archived_stays_in_and_does_not_come_in(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    one, two = await agent(client), await agent(client)
    made = await queue(client, one)
    for archived in (one, two):
        await act(client, archived, "archive")
    place = f"/queues/{made['id']}/add-members"
    async with nothing_changes():
        assert (await client.post(place, json=named(one))).json() == made
        problem = refused(await client.post(place, json=named(one, two)), 409, "conflict")
        assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [
            ("/agent_ids/1", "agent_archived")
        ]
        unknown = {"agent_ids": [f"agt_{NOBODY}"]}
        problem = refused(await client.post(place, json=unknown), 422, "unknown-reference")
        assert problem["errors"][0]["pointer"] == "/agent_ids/0"
        answer = await client.post("/queues", json={"name": "A", "member_ids": [f"agt_{NOBODY}"]})
        assert refused(answer, 422, "unknown-reference")["errors"][0]["pointer"] == "/member_ids/0"


async def test_a_queue_has_five_hundred_members_at_most(
    client: AsyncClient, admin: "Admin[Any]", nothing_changes: Unchanged
) -> None:
    made, one = await queue(client), await agent(client, "offline")
    many = "UPDATE queues SET member_ids = $2 WHERE id = $1::uuid"
    full = [f"agt_{n:032x}" for n in range(500)]
    await admin.execute(many, made["id"].removeprefix("que_"), full)
    async with nothing_changes():
        answer = await client.post(f"/queues/{made['id']}/add-members", json=named(one))
    problem = refused(answer, 422, "validation-failed")
    assert problem["errors"][0]["code"] == "too_many_members"


async def test_one_live_queue_takes_what_no_rule_sends_elsewhere(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    first, second = await queue(client, is_default=True), await queue(client)
    place = f"/queues/{second['id']}"
    async with nothing_changes():
        problem = refused(
            await client.patch(place, json={"is_default": True}), 409, "duplicate-value"
        )
        assert problem["errors"][0]["pointer"] == "/is_default"
    await act(client, first, "archive")
    assert (await client.patch(place, json={"is_default": True})).status_code == 200
    async with nothing_changes():
        refused(await client.post(f"/queues/{first['id']}/restore"), 409, "duplicate-value")
        answer = await client.post("/queues", json={"name": second["name"]})
        assert refused(answer, 409, "duplicate-value")["errors"][0]["pointer"] == "/name"


async def test_of_many_default_queues_at_once_there_is_one(client: AsyncClient) -> None:
    bodies = [{"name": str(n), "is_default": True} for n in range(8)]
    answers = await asyncio.gather(*(client.post("/queues", json=body) for body in bodies))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 7}


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"strategy": "random"}, "/strategy"),
        ({"business_unit_id": f"bun_{NOBODY}"}, "/business_unit_id"),
        ({"member_ids": ["somebody"]}, "/member_ids/0"),
        ({"is_default": None}, "/is_default"),
        ({"state": "archived"}, "/state"),
    ],
)
async def test_what_a_queue_cannot_be(
    client: AsyncClient, nothing_changes: Unchanged, said: Json, pointer: str
) -> None:
    async with nothing_changes():
        answer = await client.post("/queues", json={"name": "Refunds", **said})
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_queues_are_found_by_what_people_know_of_them(client: AsyncClient) -> None:
    east = await unit(client, "East")
    shop = await unit(client, "Shop", parent_id=east)
    one, two = await agent(client), await agent(client)
    refunds = await queue(client, one, two, name="退款", business_unit_id=shop)
    other = await queue(client, two, name="Complaints", business_unit_id=east)
    for query, wanted in (
        ({}, [other, refunds]),
        ({"sort": "name"}, [other, refunds]),
        ({"q": "tui kuan"}, [refunds]),
        ({"business_unit_id": east}, [other]),
        ({"under": east}, [other, refunds]),
        ({"member_id": two["id"]}, [other, refunds]),
        ({"member_id": [one["id"]]}, [refunds]),
        ({"state": "archived"}, []),
    ):
        found = (await client.get("/queues", params=query)).json()["data"]
        assert found == wanted, query
