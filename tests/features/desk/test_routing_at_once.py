"""What many do at the same time with the agents of a desk: turns are kept, and nobody is given more
than he may have."""

import asyncio
from collections import Counter

from crm_api.features.desk.loads.errors import AgentFull

from .staffing import Json, act, agent, loads, queue
from .test_routing import Desk
from .test_routing import desk as desk


async def test_of_twenty_tickets_at_once_each_of_five_is_given_four(desk: Desk) -> None:
    people = [await agent(desk.client, capacity=100) for _ in range(5)]
    for strategy in ("round_robin", "least_load"):
        of = await queue(desk.client, *people, strategy=strategy)
        before = await loads(desk.client, people)
        given = await asyncio.gather(*(desk.take(of) for _ in range(20)))
        assert Counter(Counter(given).values()) == {4: 5}
        after = await loads(desk.client, people)
        assert [now - then for now, then in zip(after, before, strict=True)] == [4] * 5


async def test_of_twenty_two_tickets_at_once_shares_differ_by_one(desk: Desk) -> None:
    people = [await agent(desk.client, capacity=100) for _ in range(5)]
    of = await queue(desk.client, *people)
    given = await asyncio.gather(*(desk.take(of) for _ in range(22)))
    assert sorted(Counter(given).values()) == [4, 4, 4, 5, 5]


async def test_of_fifty_tickets_at_once_as_many_are_given_as_there_is_room(desk: Desk) -> None:
    for strategy in ("round_robin", "least_load"):
        people = [await agent(desk.client, capacity=n) for n in (1, 2, 3, 4, 5)]
        of = await queue(desk.client, *people, strategy=strategy)
        given = await asyncio.gather(*(desk.take(of) for _ in range(50)))
        assert Counter(given) == {None: 35, **{p["id"]: p["capacity"] for p in people}}
        assert await loads(desk.client, people) == [1, 2, 3, 4, 5]


async def test_queues_that_share_their_agents_give_nobody_more_than_he_may_have(
    desk: Desk,
) -> None:
    people = [await agent(desk.client, capacity=3) for _ in range(5)]
    queues = [await queue(desk.client, *people[n:], *people[:n]) for n in range(5)]
    given = await asyncio.gather(*(desk.take(of) for _ in range(10) for of in queues))
    assert Counter(given) == {None: 35, **dict.fromkeys((one["id"] for one in people), 3)}
    assert await loads(desk.client, people) == [3] * 5


async def test_what_is_given_and_taken_away_at_once_is_all_counted(desk: Desk) -> None:
    """Never below nothing, never above what he may have; and in the end it adds up."""
    people = [await agent(desk.client, capacity=4) for _ in range(3)]
    of = await queue(desk.client, *people)

    async def given_and_taken_away() -> int:
        found = await desk.take(of)
        if found is None:
            return 0
        await desk.release(next(one for one in people if one["id"] == found))
        return 1

    async def twice_away(one: Json) -> None:
        await asyncio.gather(desk.release(one), desk.release(one))

    assert sum(await asyncio.gather(*(given_and_taken_away() for _ in range(40)))) >= 12
    assert await loads(desk.client, people) == [0, 0, 0]
    await desk.assign(people[0])
    await asyncio.gather(*(twice_away(one) for one in people for _ in range(5)))
    assert await loads(desk.client, people) == [0, 0, 0]


async def test_tickets_that_go_to_and_fro_between_two_block_nobody(desk: Desk) -> None:
    one, two = await agent(desk.client, capacity=20), await agent(desk.client, capacity=20)
    for _ in range(10):
        await desk.assign(one)
        await desk.assign(two)
    ways = [(one, two), (two, one)] * 15
    await asyncio.gather(*(desk.carry(before, after) for before, after in ways))
    assert await loads(desk.client, [one, two]) == [10, 10]


async def test_of_many_tickets_by_hand_as_many_are_given_as_there_is_room(desk: Desk) -> None:
    one = await agent(desk.client, "offline", capacity=5)
    done = await asyncio.gather(*(desk.assign(one) for _ in range(20)), return_exceptions=True)
    assert Counter(type(outcome) for outcome in done) == {type(None): 5, AgentFull: 15}
    assert await loads(desk.client, [one]) == [5]


async def test_nobody_who_has_left_is_given_a_ticket(desk: Desk) -> None:
    """Whoever goes while tickets are given is given none after he was told that he is gone."""
    for _ in range(5):
        going, staying = await agent(desk.client, capacity=50), await agent(desk.client)
        of = await queue(desk.client, going, staying)
        given = asyncio.gather(*(desk.take(of) for _ in range(6)))
        gone = await act(desk.client, going, "go-offline")
        await given
        assert gone["presence"] == "offline"
        [before] = await loads(desk.client, [going])
        assert {await desk.take(of) for _ in range(3)} <= {staying["id"], None}
        assert await loads(desk.client, [going]) == [before]
