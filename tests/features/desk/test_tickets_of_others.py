"""Tickets, and what was said about them, are there for those who see them."""

import pytest
from httpx import AsyncClient

from tests.conftest import Unchanged, WithKey
from tests.grouping import Group, grown, made

from .asking import Json


@pytest.fixture
async def group(client: AsyncClient, with_key: WithKey) -> Group:
    return await grown(client, with_key)


async def ticket(group: Group, unit: str, **said: object) -> Json:
    named = {
        "requester_id": await group.customer(unit),
        "business_unit_id": group.units[unit],
        "subject": "The filler leaks",
    }
    return await made(group.admin, "/tickets", {**named, **said})


async def test_an_agent_sees_the_tickets_of_his_unit(group: Group) -> None:
    agent = await group.hire("service_agent", "shanghai")
    mine, other = await ticket(group, "shanghai"), await ticket(group, "hangzhou")
    assert await agent.sees("/tickets") == {mine["id"]}
    answer = await agent.client.post(f"/tickets/{mine['id']}/reply", json={"text": "Coming"})
    assert answer.status_code == 201, answer.text
    for path in (f"/tickets/{other['id']}", f"/tickets/{other['id']}/messages"):
        assert (await agent.client.get(path)).status_code == 404


async def test_followers_see_a_ticket_and_its_messages(
    group: Group, nothing_changes: Unchanged
) -> None:
    seller = await group.hire("sales", "west")
    theirs = await ticket(group, "shanghai", follower_ids=[seller.id])
    await ticket(group, "shanghai")
    noted = await made(group.admin, f"/tickets/{theirs['id']}/note", {"text": "Ask 李娜"})
    assert await seller.sees("/tickets") == {theirs["id"]}
    assert await seller.sees(f"/tickets/{theirs['id']}/messages") == {noted["id"]}
    assert (await seller.client.get(f"/ticket-messages/{noted['id']}")).status_code == 200
    await group.admin.patch(f"/tickets/{theirs['id']}", json={"follower_ids": []})
    assert await seller.sees("/tickets") == set()
    assert (await seller.client.get(f"/ticket-messages/{noted['id']}")).status_code == 404
    async with nothing_changes():
        answer = await seller.client.post(f"/tickets/{theirs['id']}/note", json={"text": "Me"})
    assert answer.status_code == 404


async def test_who_may_read_tickets_and_not_change_them_writes_nothing(
    group: Group, nothing_changes: Unchanged
) -> None:
    role = await group.role(("tickets:read", "group"), ("tickets:write", "unit"))
    person, theirs = await group.hire(role, "west"), await ticket(group, "shanghai")
    async with nothing_changes():
        for verb in ("reply", "note", "receive"):
            place = f"/tickets/{theirs['id']}/{verb}"
            answer = await person.client.post(place, json={"text": "Hello"})
            assert answer.status_code == 403, answer.text


async def test_who_sees_the_ticket_that_goes_on_sees_what_was_said_before_it_was_merged(
    group: Group, nothing_changes: Unchanged
) -> None:
    agent = await group.hire("service_agent", "hangzhou")
    gone, kept = await ticket(group, "shanghai"), await ticket(group, "hangzhou")
    noted = await made(group.admin, f"/tickets/{gone['id']}/note", {"text": "Ask 李娜"})
    assert (await agent.client.get(f"/ticket-messages/{noted['id']}")).status_code == 404
    place = f"/tickets/{kept['id']}/merge"
    async with nothing_changes():
        answer = await agent.client.post(place, json={"into_id": gone["id"]})
    assert answer.status_code == 422, answer.text
    answer = await group.admin.post(f"/tickets/{gone['id']}/merge", json={"into_id": kept["id"]})
    assert answer.status_code == 200, answer.text
    assert await agent.sees(f"/tickets/{kept['id']}/messages") == {noted["id"]}
    assert (await agent.client.get(f"/ticket-messages/{noted['id']}")).status_code == 200
    assert (await agent.client.get(f"/tickets/{gone['id']}")).status_code == 404


async def test_who_may_not_change_both_tickets_ties_none(
    group: Group, nothing_changes: Unchanged
) -> None:
    role = await group.role(("tickets:read", "group"), ("tickets:write", "unit"))
    person = await group.hire(role, "west")
    mine, theirs = await ticket(group, "west"), await ticket(group, "shanghai")
    async with nothing_changes():
        for one, other in ((mine, theirs), (theirs, mine)):
            for verb, name in (("merge", "into_id"), ("link", "to_id"), ("unlink", "to_id")):
                place, body = f"/tickets/{one['id']}/{verb}", {name: other["id"]}
                answer = await person.client.post(place, json=body)
                assert answer.status_code == 403, answer.text
