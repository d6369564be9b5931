"""Handling: who takes tickets on, and how far they are."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from httpx import AsyncClient

from crm_api.features.desk.handling.jobs import crew
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from crm_api.kit.times import rfc3339
from tests.conftest import Unchanged
from tests.features.test_customers import refused

from .asking import Desk, Json, later, user, wrong
from .conftest import Told

DAY = 86_400


def types(records: list[Json]) -> list[str]:
    return [record["type"] for record in records]


async def wake(house: House) -> None:
    await do_once([crew(house)], asyncio.Event())


async def test_a_ticket_goes_its_way(asking: Desk, told: Told) -> None:
    ticket = await asking.ticket()
    for verb, said, category in (
        ("wait", {}, "waiting_customer"),
        ("wait", {"awaited": "third_party"}, "waiting_third_party"),
        ("resume", {}, "open"),
        ("resolve", {}, "resolved"),
        ("reopen", {}, "open"),
        ("close", {"reason": "spam"}, "closed"),
    ):
        ticket = await asking.acted(ticket, verb, **said)
        assert ticket["category"] == category
    assert ticket == ticket | {"close_reason": "spam", "resolved_at": None, "reopened_count": 1}
    assert ticket["closed_at"] is not None
    assert types(await told(ticket)) == [
        "ticket.created",
        "ticket.put_on_hold",
        "ticket.put_on_hold",
        "ticket.resumed",
        "ticket.resolved",
        "ticket.reopened",
        "ticket.closed",
    ]


async def test_what_is_closed_stays_closed(asking: Desk, nothing_changes: Unchanged) -> None:
    ticket = await asking.acted(await asking.ticket(), "close")
    tomorrow = rfc3339(datetime.now(UTC) + timedelta(days=1))
    said: dict[str, Json] = {
        "wait": {},
        "snooze": {"until": tomorrow},
        "resume": {},
        "resolve": {},
        "close": {},
        "reopen": {},
    }
    async with nothing_changes():
        for verb, body in said.items():
            answer = await asking.act(ticket, verb, **body)
            assert refused(answer, 409, "invalid-transition")["allowed"] == []
        worker = await asking.act(ticket, "assign", assignee_id=None)
    refused(worker, 409, "conflict")


async def test_a_resolved_ticket_is_opened_again_within_the_days_of_the_tenant(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    await asking.client.patch("/tenant", json={"reopen_days": 2})
    early, late = await asking.ticket(), await asking.ticket()
    for ticket in (early, late):
        await asking.acted(ticket, "resolve")
    await later(asking.client, 2 * DAY - 60)
    again = await asking.acted(early, "reopen")
    assert again == again | {"category": "open", "resolved_at": None, "reopened_count": 1}
    await later(asking.client, 120)
    async with nothing_changes():
        answer = await asking.act(late, "reopen")
    refused(answer, 409, "conflict")


async def test_somebody_takes_a_ticket_on(asking: Desk, told: Told) -> None:
    worker, ticket = await user(asking.client), await asking.ticket()
    taken = await asking.acted(ticket, "assign", assignee_id=worker)
    assert taken["assignee_id"] == worker
    again = await asking.acted(ticket, "assign", assignee_id=worker)
    assert again["version"] == taken["version"]
    nobody = await asking.acted(ticket, "assign", assignee_id=None)
    assert nobody["assignee_id"] is None
    assert types(await told(ticket)) == ["ticket.created", "ticket.assigned", "ticket.assigned"]


async def test_nobody_unknown_takes_a_ticket_on(asking: Desk, nothing_changes: Unchanged) -> None:
    ticket = await asking.ticket()
    async with nothing_changes():
        answer = await asking.act(ticket, "assign", assignee_id=f"usr_{'f' * 32}")
    assert wrong(answer)[0][0] == "/assignee_id"


async def test_a_snoozed_ticket_wakes_by_itself(asking: Desk, house: House, told: Told) -> None:
    ticket = await asking.ticket()
    until = datetime.now(UTC) + timedelta(hours=2)
    snoozed = await asking.acted(ticket, "snooze", until=rfc3339(until))
    assert snoozed == snoozed | {
        "category": "waiting_third_party",
        "snoozed_until": rfc3339(until),
    }
    await wake(house)
    assert (await asking.now(ticket))["category"] == "waiting_third_party"
    await later(asking.client, 2 * 3600 + 5)
    await wake(house)
    woken = await asking.now(ticket)
    assert woken == woken | {"category": "open", "snoozed_until": None}
    await wake(house)
    assert (await asking.now(ticket))["version"] == woken["version"]
    assert types(await told(ticket))[-2:] == ["ticket.snoozed", "ticket.woken"]


async def test_a_ticket_that_goes_on_before_is_not_woken(asking: Desk, house: House) -> None:
    ticket = await asking.ticket()
    until = datetime.now(UTC) + timedelta(hours=2)
    await asking.acted(ticket, "snooze", until=rfc3339(until), awaited="customer")
    waits = await asking.acted(ticket, "wait")
    assert waits == waits | {"category": "waiting_customer", "snoozed_until": None}
    await later(asking.client, 3 * 3600)
    await wake(house)
    assert (await asking.now(ticket))["version"] == waits["version"]


async def test_a_ticket_is_snoozed_anew(asking: Desk, house: House) -> None:
    """Sooner or later than before: the last word counts."""
    ticket, now = await asking.ticket(), datetime.now(UTC)
    for hours in (5, 1, 3):
        until = rfc3339(now + timedelta(hours=hours))
        await asking.acted(ticket, "snooze", until=until)
    await later(asking.client, 2 * 3600)
    await wake(house)
    assert (await asking.now(ticket))["category"] == "waiting_third_party"
    await later(asking.client, 3600 + 5)
    await wake(house)
    assert (await asking.now(ticket))["category"] == "open"


async def test_a_ticket_is_not_snoozed_until_a_time_that_is_over(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    ticket = await asking.ticket()
    async with nothing_changes():
        answer = await asking.act(ticket, "snooze", until="2020-01-01T00:00:00Z")
    assert wrong(answer) == [("/until", "too_early")]


async def test_of_many_who_resolve_a_ticket_at_once_one_does(asking: Desk, told: Told) -> None:
    ticket = await asking.ticket()
    answers = await asyncio.gather(*(asking.act(ticket, "resolve") for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 9]
    assert types(await told(ticket)) == ["ticket.created", "ticket.resolved"]


@pytest.mark.parametrize("verb", ["wait", "resolve", "close"])
async def test_who_has_not_seen_the_ticket_as_it_is_is_told_so(
    asking: Desk, verb: str, nothing_changes: Unchanged
) -> None:
    ticket = await asking.ticket()
    await asking.put(ticket, subject="The left filler leaks")
    async with nothing_changes():
        answer = await asking.client.post(
            f"/tickets/{ticket['id']}/{verb}", json={}, headers={"If-Match": '"1"'}
        )
    refused(answer, 412, "precondition-failed")


async def test_tickets_of_others_are_not_there(
    asking: Desk, client: AsyncClient, nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        answer = await client.post(f"/tickets/tic_{'f' * 32}/resolve", json={})
    refused(answer, 404, "not-found")
