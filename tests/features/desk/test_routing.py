"""Who is given a ticket: in turns, to whom has least to do, by hand; and what he has then."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from crm_api.cli.unit import operator
from crm_api.features.desk.agents.resource import AGENT
from crm_api.features.desk.loads.errors import AgentFull
from crm_api.features.desk.loads.service import LoadService
from crm_api.features.desk.routing import rules
from crm_api.features.desk.routing.rules import Member
from crm_api.features.desk.routing.service import RoutingService
from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.platform.users.resource import USER
from tests.conftest import NewClient, NewTenant, Unchanged

from .staffing import Json, act, agent, known, loads, now, queue, rule

T = TypeVar("T")


class Desk:
    """Somebody who makes it, and the rules of the product that act in it."""

    def __init__(self, client: AsyncClient, house: House, tenant: Tenant) -> None:
        self.client, self.house, self.tenant = client, house, tenant

    async def do(self, deed: Callable[[RoutingService], Awaitable[T]]) -> T:
        """In a unit of work of its own."""
        ctx = operator(self.house, self.tenant)
        try:
            done = await deed(RoutingService(ctx))
        except BaseException as error:
            await ctx.work.abandon(error)
            raise
        await ctx.finish()
        return done

    async def take(self, of: Json, *skills: str) -> str | None:
        found = await self.do(lambda routing: routing.take(known(of), skills))
        return AGENT.prefix.write(found) if found else None

    async def assign(self, to: Json) -> None:
        await self.do(lambda it: LoadService(it.ctx).pass_on(None, user_of(to), by_hand=True))

    async def release(self, of: Json) -> None:
        await self.do(lambda it: LoadService(it.ctx).pass_on(user_of(of), None, by_hand=False))

    async def carry(self, before: Json, after: Json) -> None:
        one, other = user_of(before), user_of(after)
        await self.do(lambda it: LoadService(it.ctx).pass_on(one, other, by_hand=True))


def user_of(agent: Json) -> UUID:
    return USER.prefix.read(agent["user_id"])


@pytest.fixture
async def desk(caller: NewClient, house: House, new_tenant_: NewTenant) -> Desk:
    tenant = await new_tenant_()
    return Desk(await caller(tenant=tenant), house, tenant)


async def test_tickets_are_given_in_turns(desk: Desk) -> None:
    people = [await agent(desk.client) for _ in range(3)]
    of = await queue(desk.client, *people)
    given_ = [await desk.take(of) for _ in range(9)]
    assert given_[:3] == given_[3:6] == given_[6:]
    assert sorted(filter(None, given_[:3])) == sorted(one["id"] for one in people)
    assert await loads(desk.client, people) == [3, 3, 3]


async def test_who_was_not_there_is_next_once_and_no_more(desk: Desk) -> None:
    one, two = await agent(desk.client), await agent(desk.client, "away")
    of = await queue(desk.client, one, two)
    assert [await desk.take(of) for _ in range(3)] == [one["id"]] * 3
    await act(desk.client, two, "go-online")
    assert [await desk.take(of) for _ in range(3)] == [two["id"], one["id"], two["id"]]


async def test_a_turn_counts_in_every_queue(desk: Desk) -> None:
    one, two = await agent(desk.client), await agent(desk.client)
    both, of_one = await queue(desk.client, one, two), await queue(desk.client, one)
    assert await desk.take(of_one) == one["id"]
    assert await desk.take(both) == two["id"]
    await desk.assign(one)
    assert await desk.take(both) == two["id"]


async def test_tickets_are_given_to_whom_has_the_smallest_part_in_use(desk: Desk) -> None:
    small, large = await agent(desk.client, capacity=2), await agent(desk.client, capacity=8)
    none = await agent(desk.client, capacity=0)
    of = await queue(desk.client, small, large, none, strategy="least_load")
    for _ in range(5):
        await desk.take(of)
    assert await loads(desk.client, [small, large, none]) == [1, 4, 0]
    for _ in range(5):
        await desk.take(of)
    assert await loads(desk.client, [small, large, none]) == [2, 8, 0]
    assert await desk.take(of) is None


async def test_only_who_is_there_and_can_do_it_and_has_room_is_given_a_ticket(
    desk: Desk, nothing_changes: Unchanged
) -> None:
    client = desk.client
    able, away = await agent(client, skills=["refunds", "german"]), await agent(client, "away")
    off, gone = await agent(client, "offline"), await agent(client)
    of = await queue(client, able, away, off, gone)
    await act(client, gone, "archive")
    assert await desk.take(of, "refunds") == able["id"]
    async with nothing_changes():
        assert await desk.take(of, "refunds", "french") is None
    assert await desk.take(of) == able["id"]
    await client.patch(f"/agents/{able['id']}", json={"capacity": 2})
    async with nothing_changes():
        assert await desk.take(of) is None
    await desk.release(able)
    assert await desk.take(of) == able["id"]


@pytest.mark.parametrize("how", ["manual", "archived", "empty"])
async def test_some_queues_give_tickets_to_nobody(
    desk: Desk, nothing_changes: Unchanged, how: str
) -> None:
    one = await agent(desk.client)
    members = () if how == "empty" else (one,)
    strategy = "manual" if how == "manual" else "round_robin"
    of = await queue(desk.client, *members, strategy=strategy)
    if how == "archived":
        await act(desk.client, of, "archive")
    async with nothing_changes():
        assert await desk.take(of) is None


async def test_by_hand_also_who_is_not_there_is_given_a_ticket_up_to_his_capacity(
    desk: Desk, nothing_changes: Unchanged
) -> None:
    off = await agent(desk.client, "offline", capacity=1)
    await desk.assign(off)
    assert await loads(desk.client, [off]) == [1]
    async with nothing_changes():
        with pytest.raises(AgentFull) as full:
            await desk.assign(off)
    assert [error["pointer"] for error in full.value.errors] == ["/assignee_id"]


async def test_a_ticket_goes_from_one_to_another(desk: Desk, nothing_changes: Unchanged) -> None:
    one, two = await agent(desk.client), await agent(desk.client, "offline", capacity=1)
    await desk.assign(one)
    await desk.assign(one)
    await desk.carry(one, two)
    assert await loads(desk.client, [one, two]) == [1, 1]
    async with nothing_changes():
        with pytest.raises(AgentFull):
            await desk.carry(one, two)
        await desk.carry(one, one)


async def test_nobody_has_less_than_nothing(desk: Desk, nothing_changes: Unchanged) -> None:
    one = await agent(desk.client)
    async with nothing_changes():
        await desk.release(one)
    assert await loads(desk.client, [one]) == [0]


async def test_who_archived_an_agent_keeps_what_he_has_counted(desk: Desk) -> None:
    one = await agent(desk.client)
    await desk.assign(one)
    await act(desk.client, one, "archive")
    await desk.release(one)
    assert (await now(desk.client, one))["load"] == 0


async def test_what_is_given_and_then_undone_was_never_given(
    desk: Desk, nothing_changes: Unchanged
) -> None:
    one = await agent(desk.client)
    of = await queue(desk.client, one)

    async def undone(routing: RoutingService) -> None:
        assert await routing.take(known(of))
        raise RuntimeError

    async with nothing_changes():
        with pytest.raises(RuntimeError):
            await desk.do(undone)


async def test_several_tickets_of_one_work_are_given_in_turns_too(desk: Desk) -> None:
    people = [await agent(desk.client) for _ in range(4)]
    of = await queue(desk.client, *people)

    async def twelve(routing: RoutingService) -> None:
        for _ in range(12):
            await routing.take(known(of))

    await desk.do(twelve)
    assert await loads(desk.client, people) == [3] * 4


async def test_a_trial_says_who_is_given_the_next_one(desk: Desk) -> None:
    client = desk.client
    people = [await agent(client, capacity=n) for n in (3, 1, 0, 5)]
    people.append(await agent(client, "away"))
    for strategy in ("round_robin", "least_load"):
        of = await queue(client, *people, strategy=strategy, name=strategy)
        sent = await rule(client, of)
        for _ in range(5):
            body: Json = {"ticket": {}}
            foreseen = (await client.post("/routing-rules/try", json=body)).json()
            assert foreseen["queue_id"] == of["id"]
            assert await desk.take(of) == foreseen["agent_id"]
        await client.delete(f"/routing-rules/{sent['id']}")


async def test_what_is_given_is_no_new_version_and_no_event(
    desk: Desk, admin: "Admin[Any]"
) -> None:
    one = await agent(desk.client)
    before = await admin.fetchval("SELECT count(*) FROM events")
    await desk.assign(one)
    assert await now(desk.client, one) == {**one, "load": 1}
    assert await admin.fetchval("SELECT count(*) FROM events") == before


SKILLS = st.frozensets(st.sampled_from(["refunds", "german", "wechat"]))
MEMBERS = st.builds(
    Member,
    agent_id=st.uuids(),
    live=st.booleans(),
    enabled=st.booleans(),
    presence=st.sampled_from(["online", "away", "offline"]),
    load=st.integers(0, 3),
    capacity=st.integers(0, 3),
    skills=SKILLS,
)


@given(st.lists(MEMBERS, max_size=6), SKILLS)
def test_the_next_is_the_first_whom_nothing_hinders(
    members: Sequence[Member], skills: frozenset[str]
) -> None:
    able = [
        one.agent_id
        for one in members
        if (one.live, one.enabled, one.presence) == (True, True, "online")
        and one.load < one.capacity
        and skills <= one.skills
    ]
    assert rules.next_of(members, skills) == (able[0] if able else None)
    said = [rules.hindrances(one, skills) for one in members]
    assert sum(not found for found in said) == len(able)
