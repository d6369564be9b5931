"""When tickets are due and why, and what happens by itself when they are."""

import asyncio

from httpx import AsyncClient

from crm_api.features.desk.handling.jobs import crew
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from tests.conftest import Unchanged
from tests.grouping import made

from .asking import Desk, Json, desk, later
from .conftest import Told
from .policies import policy
from .policies import put as put_policy
from .staffing import agent, loads, queue, user

MINUTE, HOUR = 60, 3_600
FIVE = ("monday", "tuesday", "wednesday", "thursday", "friday")
ALWAYS = {"normal": {"first_response_minutes": 60, "next_response_minutes": 30}}


async def pass_time(house: House, client: AsyncClient, seconds: int) -> None:
    await later(client, seconds)
    await do_once([crew(house)], asyncio.Event())


async def sla(of: Desk, ticket: Json) -> dict[str, Json]:
    answer = await of.client.get(f"/tickets/{ticket['id']}/sla")
    assert answer.status_code == 200, answer.text
    return {clock["clock"]: clock for clock in answer.json()["clocks"]}


async def facts(of: Desk, ticket: Json) -> list[tuple[str, str]]:
    answer = await of.client.get(f"/tickets/{ticket['id']}/sla-events", params={"limit": 200})
    assert answer.status_code == 200, answer.text
    return [(fact["clock"], fact["kind"]) for fact in answer.json()["data"]]


async def types(told: Told, ticket: Json) -> list[str]:
    return [record["type"] for record in await told(ticket)]


async def test_a_vip_is_answered_within_two_hours_out_of_the_box(asking: Desk) -> None:
    vip = await made(
        asking.client, f"/customers/{asking.customer}/add-tags", {"tags": ["vip"]}, 200
    )
    ticket = await asking.ticket()
    assert vip["tags"] == ["vip"]
    clock = (await sla(asking, ticket))["first_response"]
    assert (clock["target_seconds"], clock["state"]) == (2 * HOUR, "running")
    assert ticket["due_at"] == clock["due_at"]


async def test_who_is_no_vip_is_promised_nothing_out_of_the_box(asking: Desk) -> None:
    ticket = await asking.ticket()
    assert (ticket["due_at"], ticket["sla_policy_id"], await sla(asking, ticket)) == (
        None,
        None,
        {},
    )


async def test_an_answer_in_time_meets_its_clock_and_the_next_message_asks_anew(
    asking: Desk, house: House
) -> None:
    await policy(asking.client, targets=ALWAYS)
    ticket = await asking.ticket()
    await pass_time(house, asking.client, 59 * MINUTE)
    await made(asking.client, f"/tickets/{ticket['id']}/reply", {"text": "We come."}, 201)
    assert (await sla(asking, ticket))["first_response"]["state"] == "met"
    assert (await asking.now(ticket))["due_at"] is None
    await made(asking.client, f"/tickets/{ticket['id']}/receive", {"text": "When?"}, 201)
    clock = (await sla(asking, ticket))["next_response"]
    assert (clock["state"], clock["number"], clock["target_seconds"]) == ("running", 1, 1_800)
    assert (await asking.now(ticket))["due_at"] == clock["due_at"]


async def test_a_note_answers_nobody(asking: Desk) -> None:
    await policy(asking.client, targets=ALWAYS)
    ticket = await asking.ticket()
    await made(asking.client, f"/tickets/{ticket['id']}/note", {"text": "Ask Wang."}, 201)
    assert (await sla(asking, ticket))["first_response"]["state"] == "running"


async def test_a_breach_is_told_once(asking: Desk, house: House, told: Told) -> None:
    await policy(asking.client, targets=ALWAYS)
    ticket = await asking.ticket()
    await pass_time(house, asking.client, 59 * MINUTE)
    assert not (await asking.now(ticket))["is_breached"]
    await pass_time(house, asking.client, 2 * MINUTE)
    late = await asking.now(ticket)
    assert late == late | {"is_breached": True, "due_at": None}
    await pass_time(house, asking.client, HOUR)
    await made(asking.client, f"/tickets/{ticket['id']}/reply", {"text": "Sorry."}, 201)
    assert (await types(told, ticket)).count("ticket.first_response_breached") == 1
    kinds = [kind for clock, kind in await facts(asking, ticket) if clock == "first_response"]
    assert kinds == ["begun", "resumed", "breached", "met_late"] or kinds == [
        "begun",
        "breached",
        "met_late",
    ]


async def test_a_ticket_that_waits_for_the_customer_is_not_due(asking: Desk, house: House) -> None:
    targets = {"normal": {"resolution_minutes": 60}}
    await policy(asking.client, targets=targets, pauses_on=["waiting_customer"])
    ticket = await asking.ticket()
    await pass_time(house, asking.client, 50 * MINUTE)
    await asking.acted(ticket, "wait")
    assert (await asking.now(ticket))["due_at"] is None
    await pass_time(house, asking.client, 5 * HOUR)
    await made(asking.client, f"/tickets/{ticket['id']}/receive", {"text": "Here it is."}, 201)
    clock = (await sla(asking, ticket))["resolution"]
    assert 9 * MINUTE <= clock["remaining_seconds"] <= 10 * MINUTE
    assert [piece["kind"] for piece in clock["because"]][:2] == ["counted", "paused"]
    await asking.acted(ticket, "resolve")
    assert (await sla(asking, ticket))["resolution"]["state"] == "met"


async def test_open_clocks_follow_their_policy_and_met_ones_do_not(
    asking: Desk, house: House
) -> None:
    made_ = await policy(asking.client, targets=ALWAYS)
    answered, waits = await asking.ticket(), await asking.ticket()
    await made(asking.client, f"/tickets/{answered['id']}/reply", {"text": "Yes."}, 201)
    before = await sla(asking, answered)
    soon = {"normal": {"first_response_minutes": 10, "next_response_minutes": 30}}
    assert (await put_policy(asking.client, made_, targets=soon)).status_code == 200
    await pass_time(house, asking.client, 1)
    assert (await sla(asking, waits))["first_response"]["target_seconds"] == 600
    assert (await sla(asking, answered))["first_response"]["target_seconds"] == 3_600
    assert (
        before["first_response"]["due_at"]
        == ((await sla(asking, answered))["first_response"]["due_at"])
    )


async def test_another_priority_has_other_targets(asking: Desk) -> None:
    urgent = {**ALWAYS, "urgent": {"first_response_minutes": 5}}
    await policy(asking.client, targets=urgent)
    ticket = await asking.ticket()
    assert (await asking.put(ticket, priority="urgent")).status_code == 200
    assert (await sla(asking, ticket))["first_response"]["target_seconds"] == 300


async def test_steps_raise_the_priority_give_it_to_another_one_and_say_whom_to_tell(
    asking: Desk, house: House, told: Told
) -> None:
    lead = await user(asking.client)
    steps = [
        {"clock": "first_response", "at_percent": 50, "action": "notify", "user_ids": [lead]},
        {"clock": "first_response", "at_percent": 80, "action": "raise_priority"},
        {"clock": "first_response", "at_minutes": 0, "action": "reassign"},
    ]
    targets = {**ALWAYS, "high": {"first_response_minutes": 60}}
    await policy(asking.client, targets=targets, escalations=steps)
    one, two = await agent(asking.client), await agent(asking.client)
    await queue(asking.client, one, two, is_default=True)
    ticket = await asking.ticket()
    assert ticket["assignee_id"] == one["user_id"]
    await pass_time(house, asking.client, 31 * MINUTE)
    notified = await asking.now(ticket)
    assert [(s["action"], s["user_ids"]) for s in notified["escalations"]] == [("notify", [lead])]
    await pass_time(house, asking.client, 20 * MINUTE)
    assert (await asking.now(ticket))["priority"] == "high"
    await pass_time(house, asking.client, 10 * MINUTE)
    given = await asking.now(ticket)
    assert given["assignee_id"] == two["user_id"]
    assert await loads(asking.client, [one, two]) == [0, 1]
    happened = await types(told, ticket)
    assert happened.count("ticket.escalated") == 3
    assert happened.count("ticket.first_response_breached") == 1


async def test_who_looks_late_raises_the_priority_as_often_and_tells_what_is_due_by_that(
    asking: Desk, house: House, told: Told
) -> None:
    """Under the higher priority a clock is over already, and so is a step of it."""
    steps = [
        {"clock": "first_response", "at_percent": 50, "action": "raise_priority"},
        {"clock": "resolution", "at_minutes": -10, "action": "notify"},
        {"clock": "resolution", "at_percent": 100, "action": "raise_priority"},
    ]
    soon, late = ({"first_response_minutes": 60, "resolution_minutes": m} for m in (35, 600))
    await policy(asking.client, targets={"normal": late, "high": soon}, escalations=steps)
    ticket = await asking.ticket()
    await pass_time(house, asking.client, 50 * MINUTE)
    raised = await asking.now(ticket)
    assert raised["priority"] == "urgent"
    assert [(s["clock"], s["action"]) for s in raised["escalations"]] == [
        ("first_response", "raise_priority"),
        ("resolution", "notify"),
        ("resolution", "raise_priority"),
    ]
    assert (await types(told, ticket)).count("ticket.resolution_breached") == 1
    assert (await facts(asking, ticket)).count(("resolution", "breached")) == 1


async def test_a_sweeper_that_comes_twice_does_nothing_twice(
    asking: Desk, house: House, told: Told
) -> None:
    await policy(asking.client, targets=ALWAYS)
    tickets = [await asking.ticket() for _ in range(12)]
    await later(asking.client, 61 * MINUTE)
    stop = asyncio.Event()
    await asyncio.gather(*(do_once([crew(house)], stop) for _ in range(4)))
    for ticket in tickets:
        assert (await types(told, ticket)).count("ticket.first_response_breached") == 1


async def test_what_a_stranger_asks_about_is_not_there(
    asking: Desk, client: AsyncClient, nothing_changes: Unchanged
) -> None:
    other = await desk(client)
    assert other.customer != asking.customer
    async with nothing_changes():
        answer = await client.get("/tickets/tic_019a2b7c4d5e7f60a1b2c3d4e5f60718/sla")
    assert answer.status_code == 404


async def test_a_policy_is_held_against_past_tickets(
    asking: Desk, house: House, nothing_changes: Unchanged
) -> None:
    vip = {"kind": "condition", "field": "priority", "op": "in", "value": ["normal", "high"]}
    tried = await policy(asking.client, targets=ALWAYS, conditions=vip, enabled=False)
    quick, slow, other = (
        await asking.ticket(),
        await asking.ticket(),
        await asking.ticket(priority="low"),
    )
    await later(asking.client, 30 * MINUTE)
    await made(asking.client, f"/tickets/{quick['id']}/reply", {"text": "Yes."}, 201)
    await later(asking.client, 40 * MINUTE)
    await made(asking.client, f"/tickets/{slow['id']}/reply", {"text": "Yes."}, 201)
    async with nothing_changes():
        answer = await asking.client.post(f"/sla-policies/{tried['id']}/simulate", json={})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["breached_ids"] == [slow["id"]]
    assert other["id"] not in told["breached_ids"]
    first = next(one for one in told["clocks"] if one["clock"] == "first_response")
    assert first == first | {"met": 1, "breached": 1, "running": 0, "breached_before": 0}


async def test_a_merged_ticket_is_due_no_more_and_its_answer_is_none_to_the_other_one(
    asking: Desk, house: House
) -> None:
    await policy(asking.client, targets=ALWAYS)
    gone, kept = await asking.ticket(), await asking.ticket()
    await made(asking.client, f"/tickets/{gone['id']}/reply", {"text": "We come."}, 201)
    await asking.acted(gone, "merge", into_id=kept["id"])
    assert (await asking.now(gone))["due_at"] is None
    assert (await sla(asking, kept))["first_response"]["state"] == "running"
    assert (await asking.now(kept))["due_at"] == kept["due_at"]


async def test_what_nobody_has_answered_before_a_merge_is_to_be_answered_after_it(
    asking: Desk, house: House
) -> None:
    await policy(asking.client, targets=ALWAYS)
    gone, kept = await asking.ticket(), await asking.ticket()
    await made(asking.client, f"/tickets/{kept['id']}/reply", {"text": "We come."}, 201)
    await made(asking.client, f"/tickets/{gone['id']}/receive", {"text": "When?"}, 201)
    await asking.acted(gone, "merge", into_id=kept["id"])
    assert (await sla(asking, kept))["next_response"]["state"] == "running"


async def test_what_is_split_off_is_to_be_answered_like_any_new_ticket(asking: Desk) -> None:
    await policy(asking.client, targets=ALWAYS)
    ticket = await asking.ticket()
    told = (await asking.act(ticket, "receive", text="And my invoice is wrong")).json()
    await made(asking.client, f"/tickets/{ticket['id']}/reply", {"text": "We come."}, 201)
    answer = await asking.act(ticket, "split", message_ids=[told["id"]], subject="The invoice")
    assert (await sla(asking, answer.json()))["first_response"]["state"] == "running"
    assert (await sla(asking, ticket))["first_response"]["state"] == "met"


async def test_who_had_a_merged_ticket_has_one_less(asking: Desk) -> None:
    person = await agent(asking.client, "online")
    of = {"assignee_id": person["user_id"]}
    gone, kept = await asking.ticket(**of), await asking.ticket(**of)
    assert await loads(asking.client, [person]) == [2]
    await asking.acted(gone, "merge", into_id=kept["id"])
    assert await loads(asking.client, [person]) == [1]


async def test_open_clocks_follow_the_hours_of_their_calendar(asking: Desk, house: House) -> None:
    always = [{"opens": "00:00", "closes": "24:00"}]
    week = dict.fromkeys([*FIVE, "saturday", "sunday"], always)
    calendar = await made(
        asking.client, "/business-calendars", {"name": "Always", "time_zone": "UTC", "week": week}
    )
    targets = {"normal": {"first_response_minutes": 60, "resolution_minutes": 60 * 24 * 30}}
    await policy(asking.client, targets=targets, calendar_id=calendar["id"])
    answered, waits = await asking.ticket(), await asking.ticket()
    await made(asking.client, f"/tickets/{answered['id']}/reply", {"text": "Yes."}, 201)
    before = [await sla(asking, ticket) for ticket in (answered, waits)]
    shut: dict[str, list[Json]] = {"saturday": [], "sunday": []}
    place = f"/business-calendars/{calendar['id']}"
    assert (await asking.client.patch(place, json={"week": shut})).status_code == 200
    await pass_time(house, asking.client, 1)
    after = [await sla(asking, ticket) for ticket in (answered, waits)]
    assert after[1]["resolution"]["due_at"] > before[1]["resolution"]["due_at"]
    assert after[0]["first_response"]["due_at"] == before[0]["first_response"]["due_at"]
    assert ("resolution", "due_moved") in await facts(asking, waits)
