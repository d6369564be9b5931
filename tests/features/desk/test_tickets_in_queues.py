"""Whom tickets are given to as they come, and go on to as people come and leave."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from crm_api.features.desk.assigning.jobs import giving, taking_back
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from tests.conftest import Unchanged
from tests.grouping import made

from .asking import Desk, Json
from .staffing import URGENT, act, agent, loads, queue, rule


async def work(house: House) -> None:
    """Until nothing is left to be taken back or given."""
    for crew in (taking_back(house), giving(house)):
        await do_once([crew], asyncio.Event())


async def whose(of: Desk, tickets: Sequence[Json]) -> list[str | None]:
    return [(await of.now(ticket))["assignee_id"] for ticket in tickets]


async def test_tickets_are_given_in_turns_however_many_come_at_once(asking: Desk) -> None:
    people = [await agent(asking.client, capacity=50) for _ in range(3)]
    await queue(asking.client, *people, is_default=True)
    tickets = await asyncio.gather(*(asking.ticket() for _ in range(20)))
    shares = Counter(ticket["assignee_id"] for ticket in tickets)
    assert sorted(shares.values()) == [6, 7, 7]
    assert sorted(await loads(asking.client, people)) == [6, 7, 7]


async def test_nobody_is_given_more_than_he_can_take(asking: Desk) -> None:
    people = [await agent(asking.client, capacity=5) for _ in range(3)]
    await queue(asking.client, *people, is_default=True)
    tickets = await asyncio.gather(*(asking.ticket() for _ in range(24)))
    shares = Counter(ticket["assignee_id"] for ticket in tickets)
    assert shares.pop(None) == 9
    assert list(shares.values()) == [5, 5, 5]


async def test_a_rule_sends_a_ticket_to_its_queue_and_says_what_it_takes(asking: Desk) -> None:
    plain, able = await agent(asking.client), await agent(asking.client, skills=["pumps"])
    await queue(asking.client, plain, is_default=True)
    fast = await queue(asking.client, plain, able)
    await rule(asking.client, fast, conditions=URGENT, skills=["pumps"])
    usual, urgent = await asking.ticket(), await asking.ticket(priority="urgent")
    assert usual["assignee_id"] == plain["user_id"]
    assert urgent == urgent | {
        "queue_id": fast["id"],
        "skills": ["pumps"],
        "assignee_id": able["user_id"],
    }


async def test_what_waits_is_given_to_whoever_comes_what_is_due_first_first(
    asking: Desk, house: House
) -> None:
    late = await agent(asking.client, "offline", capacity=2)
    await queue(asking.client, late, is_default=True)
    tickets = [await asking.ticket() for _ in range(3)]
    assert await whose(asking, tickets) == [None] * 3
    await act(asking.client, late, "go-online")
    await work(house)
    assert await whose(asking, tickets) == [late["user_id"], late["user_id"], None]
    await asking.acted(tickets[0], "resolve")
    await work(house)
    assert await whose(asking, tickets) == [late["user_id"]] * 3
    assert await loads(asking.client, [late]) == [2]


async def test_what_somebody_leaves_is_given_to_others(asking: Desk, house: House) -> None:
    going, staying = await agent(asking.client), await agent(asking.client, "offline")
    await queue(asking.client, going, staying, is_default=True)
    tickets = [await asking.ticket() for _ in range(3)]
    await asking.acted(tickets[2], "resolve")
    await act(asking.client, staying, "go-online")
    await act(asking.client, going, "archive")
    await work(house)
    assert await whose(asking, tickets) == [staying["user_id"]] * 2 + [going["user_id"]]
    assert await loads(asking.client, [going, staying]) == [0, 2]


async def test_a_suspended_user_keeps_no_tickets_of_queues(asking: Desk, house: House) -> None:
    going = await agent(asking.client)
    await queue(asking.client, going, is_default=True)
    ticket = await asking.ticket()
    await made(asking.client, f"/users/{going['user_id']}/suspend", None, 200)
    await work(house)
    assert await whose(asking, [ticket]) == [None]
    assert await loads(asking.client, [going]) == [0]


async def test_a_ticket_that_is_open_again_comes_back_to_whose_it_was(asking: Desk) -> None:
    """Also where that is more than he would be given."""
    one = await agent(asking.client, capacity=1)
    await queue(asking.client, one, is_default=True)
    first = await asking.ticket()
    await asking.acted(first, "resolve")
    await asking.ticket()
    assert await loads(asking.client, [one]) == [1]
    again = await asking.acted(first, "reopen")
    assert again["assignee_id"] == one["user_id"]
    assert await loads(asking.client, [one]) == [2]


async def test_by_hand_nobody_is_given_more_than_he_can_take(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    full = await agent(asking.client, capacity=1)
    one, two = await asking.ticket(), await asking.ticket()
    await asking.acted(one, "assign", assignee_id=full["user_id"])
    async with nothing_changes():
        answer = await asking.act(two, "assign", assignee_id=full["user_id"])
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "agent_full")
    assert answer.json()["errors"][0]["pointer"] == "/assignee_id"
    await asking.acted(one, "assign", assignee_id=None)
    assert await loads(asking.client, [full]) == [0]


async def test_who_becomes_an_agent_has_the_tickets_that_are_his(asking: Desk) -> None:
    somebody = await agent(asking.client, "offline")
    ticket = await asking.ticket(assignee_id=somebody["user_id"])
    await act(asking.client, somebody, "archive")
    assert ticket["assignee_id"] == somebody["user_id"]
    assert await loads(asking.client, [somebody]) == [1]


async def test_tickets_of_a_batch_are_shared_out_as_well(asking: Desk) -> None:
    people = [await agent(asking.client) for _ in range(2)]
    await queue(asking.client, *people, is_default=True)
    said = {"requester_id": asking.customer, "business_unit_id": asking.unit, "subject": "It leaks"}
    items = [{"external_id": str(n), "data": said} for n in range(10)]
    body = {"system": "helpdesk", "items": items}
    answer = await asking.client.post("/tickets/batch-upsert", json=body)
    assert answer.status_code == 200, answer.text
    assert sorted(await loads(asking.client, people)) == [5, 5]
