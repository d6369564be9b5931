"""Agents: what they can do, and whether they are there."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from crm_api.features.desk.agents.rules import as_kept
from tests.conftest import NewClient, NewTenant, Unchanged, WithKey
from tests.features.test_customers import refused
from tests.grouping import grown, made

from .staffing import act, agent, now, user

NOBODY = "f" * 32
EVENTS = """
SELECT array_agg(type ORDER BY created_at, id) FROM events WHERE object_id = $1::uuid"""


async def test_an_agent_is_answered_as_it_was_said(client: AsyncClient) -> None:
    who = await user(client)
    said = {"user_id": who, "skills": ["Refunds ", "refunds", "德语", "WeChat  Pay"], "capacity": 3}
    created = await client.post("/agents", json=said)
    assert created.status_code == 201, created.text
    one = created.json()
    assert one["skills"] == ["refunds", "德语", "wechat pay"]
    assert (one["user_id"], one["capacity"], one["load"]) == (who, 3, 0)
    assert (one["presence"], one["state"], one["version"]) == ("offline", "live", 1)
    place = f"/agents/{one['id']}"
    assert (await client.get(place)).content == created.content
    assert (await client.get("/agents")).json()["data"] == [one]
    shown = (await client.get(place, params={"expand": "user"})).json()
    assert shown["user"]["id"] == who
    patched = (await client.patch(place, json={"skills": ["REFUNDS"], "capacity": 0})).json()
    assert (patched["skills"], patched["capacity"], patched["version"]) == (["refunds"], 0, 2)
    same = (await client.patch(place, json={"skills": [" refunds"]})).json()
    assert same == patched


async def test_an_agent_comes_goes_and_is_archived(
    client: AsyncClient, admin: "Admin[Any]"
) -> None:
    one = await agent(client, "offline")
    for verb, wanted in (
        ("go-online", ("online", "live")),
        ("go-away", ("away", "live")),
        ("go-online", ("online", "live")),
        ("go-offline", ("offline", "live")),
        ("go-away", ("away", "live")),
        ("archive", ("offline", "archived")),
        ("restore", ("offline", "live")),
    ):
        found = await act(client, one, verb)
        assert (found["presence"], found["state"]) == wanted, verb
    told = await admin.fetchval(EVENTS, one["id"].removeprefix("agt_"))
    assert [name.removeprefix("agent.") for name in told] == [
        *("created", "went_online", "went_away", "went_online", "went_offline", "went_away"),
        *("archived", "restored"),
    ]


@pytest.mark.parametrize("verb", ["go-online", "go-away", "go-offline"])
async def test_who_is_archived_is_not_there(
    client: AsyncClient, nothing_changes: Unchanged, verb: str
) -> None:
    one = await agent(client, "away")
    await act(client, one, "archive")
    async with nothing_changes():
        refused(await client.post(f"/agents/{one['id']}/{verb}"), 409, "conflict")
        refused(await client.patch(f"/agents/{one['id']}", json={"capacity": 1}), 409, "conflict")


async def test_a_user_is_one_agent(client: AsyncClient, nothing_changes: Unchanged) -> None:
    one = await agent(client)
    async with nothing_changes():
        answer = await client.post("/agents", json={"user_id": one["user_id"]})
    problem = refused(answer, 409, "duplicate-value")
    assert [error["pointer"] for error in problem["errors"]] == ["/user_id"]


async def test_of_many_who_make_a_user_an_agent_one_does(client: AsyncClient) -> None:
    said = {"user_id": await user(client)}
    answers = await asyncio.gather(*(client.post("/agents", json=said) for _ in range(8)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 7}


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"user_id": f"usr_{NOBODY}"}, "/user_id"),
        ({"capacity": -1}, "/capacity"),
        ({"capacity": 1001}, "/capacity"),
        ({"capacity": "3"}, "/capacity"),
        ({"skills": [" "]}, "/skills/0"),
        ({"skills": ["a\nb"]}, "/skills/0"),
        ({"skills": ["x" * 61]}, "/skills/0"),
        ({"skills": [str(n) for n in range(51)]}, "/skills"),
        ({"presence": "online"}, "/presence"),
        ({"load": 1}, "/load"),
    ],
)
async def test_what_an_agent_cannot_be(
    client: AsyncClient, nothing_changes: Unchanged, said: Any, pointer: str
) -> None:
    who = await user(client)
    async with nothing_changes():
        answer = await client.post("/agents", json={"user_id": who, **said})
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_who_cannot_sign_in_is_not_there(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    invited = (await made(client, "/users", {"name": "Hans"}))["id"]
    one = await made(client, "/agents", {"user_id": invited})
    async with nothing_changes():
        refused(await client.post(f"/agents/{one['id']}/go-online"), 409, "conflict")
    await made(client, f"/users/{invited}/activate", None, 200)
    assert (await act(client, one, "go-online"))["presence"] == "online"


@pytest.mark.parametrize("verb", ["suspend", "depart"])
@pytest.mark.parametrize("presence", ["online", "away", "offline"])
async def test_whoever_is_suspended_or_leaves_goes_offline(
    client: AsyncClient, admin: "Admin[Any]", verb: str, presence: str
) -> None:
    one = await agent(client, presence)
    await made(client, f"/users/{one['user_id']}/{verb}", None, 200)
    after = await now(client, one)
    assert (after["presence"], after["version"]) == (
        "offline",
        one["version"] + (presence != "offline"),
    )
    told = await admin.fetchval(EVENTS, one["id"].removeprefix("agt_"))
    assert (told[-1] == "agent.went_offline") is (presence != "offline")


async def test_nobody_who_is_suspended_meanwhile_stays_online(client: AsyncClient) -> None:
    for _ in range(10):
        one = await agent(client, "offline")
        come, suspended = await asyncio.gather(
            client.post(f"/agents/{one['id']}/go-online"),
            client.post(f"/users/{one['user_id']}/suspend"),
        )
        assert suspended.status_code == 200, suspended.text
        assert come.status_code in (200, 409), come.text
        assert (await now(client, one))["presence"] == "offline"


async def test_one_says_of_oneself_whether_one_is_there_and_a_manager_of_others(
    caller: NewClient, new_tenant_: NewTenant, with_key: WithKey, nothing_changes: Unchanged
) -> None:
    admin = await caller(tenant=await new_tenant_())
    group = await grown(admin, with_key)
    wang, hans = [await group.hire("service_agent") for _ in range(2)]
    boss, looker = await group.hire("unit_manager"), await group.hire("auditor", None)
    one = await made(admin, "/agents", {"user_id": wang.id})
    place = f"/agents/{one['id']}"
    assert (await act(wang.client, one, "go-online"))["presence"] == "online"
    async with nothing_changes():
        problem = refused(await hans.client.post(f"{place}/go-offline"), 403, "forbidden")
        assert problem["missing_scope"] == ["agents:write"]
        problem = refused(await looker.client.post(f"{place}/go-offline"), 403, "forbidden")
        assert problem["missing_scope"] == ["presence:write"]
        answer = await wang.client.patch(place, json={"skills": ["everything"]})
        refused(answer, 403, "forbidden")
    assert (await act(boss.client, one, "go-offline"))["presence"] == "offline"


async def test_agents_are_found_by_who_they_are_and_whether_they_are_there(
    client: AsyncClient,
) -> None:
    there, away, gone = [await agent(client, p) for p in ("online", "away", "online")]
    gone = await act(client, gone, "archive")
    for query, wanted in (
        ({}, [away, there]),
        ({"sort": "created_at"}, [there, away]),
        ({"presence": "online"}, [there]),
        ({"presence": ["online", "away"]}, [away, there]),
        ({"user_id": away["user_id"]}, [away]),
        ({"state": "archived"}, [gone]),
        ({"presence": "offline"}, []),
    ):
        found = (await client.get("/agents", params=query)).json()["data"]
        assert found == wanted, query


async def test_an_agent_that_has_more_to_do_is_told_though_it_has_no_new_version(
    client: AsyncClient, admin: "Admin[Any]"
) -> None:
    one = await agent(client)
    place = f"/agents/{one['id']}"
    first = await client.get(place)
    known = {"If-None-Match": first.headers["etag"]}
    assert (await client.get(place, headers=known)).status_code == 304
    more = "UPDATE agent_loads SET load = 4 WHERE agent_id = $1::uuid"
    await admin.execute(more, one["id"].removeprefix("agt_"))
    second = await client.get(place, headers=known)
    assert (second.status_code, second.json()) == (200, {**one, "load": 4})
    asked = {"If-Match": second.headers["etag"]}
    assert (await client.patch(place, json={"capacity": 5}, headers=asked)).status_code == 200


@given(st.lists(st.text(min_size=1).filter(str.strip)))
def test_skills_are_kept_so_that_they_stay_as_they_are_kept(skills: list[str]) -> None:
    kept = as_kept(skills)
    assert as_kept(kept) == kept
    assert len(set(kept)) == len(kept)
    assert set(kept) == {" ".join(skill.split()).lower() for skill in skills}
