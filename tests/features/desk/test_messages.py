"""Messages: what is said about tickets, by customers, to them, and about them."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.kit.times import rfc3339
from tests.conftest import Admin, Unchanged
from tests.features.test_customers import refused
from tests.grouping import made

from .asking import Desk, Json, later, wrong
from .conftest import Told

DAY = 86_400


async def said(asking: Desk, ticket: Json) -> list[str]:
    answer = await asking.client.get(f"/tickets/{ticket['id']}/messages")
    assert answer.status_code == 200, answer.text
    return [message["text"] for message in answer.json()["data"]]


async def heard(asking: Desk, ticket: Json, text: str = "It leaks again", **more: object) -> Json:
    answer = await asking.act(ticket, "receive", text=text, **more)
    assert answer.status_code == 201, answer.text
    told: Json = answer.json()
    return told


def types(records: list[Json]) -> list[str]:
    return [record["type"] for record in records]


async def test_a_reply_is_answered_as_it_was_said(asking: Desk, told: Told) -> None:
    ticket = await asking.ticket(channel="email")
    answer = await asking.act(ticket, "reply", text="We are coming.", html="<p>We are coming.</p>")
    assert answer.status_code == 201, answer.text
    message = answer.json()
    assert message == message | {
        "object": "ticket_message",
        "ticket_id": ticket["id"],
        "direction": "out",
        "is_public": True,
        "customer_id": None,
        "channel": "email",
        "text": "We are coming.",
        "html": "<p>We are coming.</p>",
        "external_id": None,
        "attachments": [],
    }
    assert answer.headers["location"] == f"/v1/ticket-messages/{message['id']}"
    read = await asking.client.get(f"/ticket-messages/{message['id']}")
    assert read.content == answer.content
    now = await asking.now(ticket)
    assert now == now | {
        "category": "open",
        "first_replied_at": message["created_at"],
        "last_agent_message_at": message["created_at"],
    }
    assert types(await told(ticket)) == ["ticket.created", "ticket.replied"]


async def test_the_first_reply_stays_the_first(asking: Desk) -> None:
    ticket = await asking.ticket()
    for text in ("One", "Two"):
        await asking.act(ticket, "reply", text=text)
        await later(asking.client, 60)
    now = await asking.now(ticket)
    assert now["first_replied_at"] < now["last_agent_message_at"]
    assert await said(asking, ticket) == ["One", "Two"]


@pytest.mark.parametrize("then", ["open", "waiting_customer", "resolved"])
async def test_a_reply_says_how_far_the_ticket_is(asking: Desk, then: str, told: Told) -> None:
    ticket = await asking.ticket()
    await asking.act(ticket, "reply", text="Please try now.", then=then)
    now = await asking.now(ticket)
    assert now["category"] == then
    happened = {"waiting_customer": ["ticket.put_on_hold"], "resolved": ["ticket.resolved"]}
    assert types(await told(ticket))[1:] == ["ticket.replied", *happened.get(then, [])]
    assert now["version"] == 2


async def test_a_closed_ticket_is_not_answered_and_noted_about(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    ticket = await asking.acted(await asking.ticket(), "close")
    async with nothing_changes():
        refused(await asking.act(ticket, "reply", text="Late"), 409, "conflict")
    noted = await asking.act(ticket, "note", text="He called again.")
    assert noted.status_code == 201
    assert (await asking.now(ticket))["version"] == ticket["version"]


async def test_a_note_is_no_answer(asking: Desk) -> None:
    ticket = await asking.ticket()
    noted = (await asking.act(ticket, "note", text="He is angry.")).json()
    assert noted == noted | {"direction": "out", "is_public": False}
    assert (await asking.now(ticket)) == ticket


async def test_what_a_customer_writes_opens_a_ticket_that_waits(asking: Desk, told: Told) -> None:
    ticket = await asking.ticket()
    until = rfc3339(datetime.now(UTC) + timedelta(days=1))
    await asking.acted(ticket, "snooze", until=until)
    message = await heard(asking, ticket, channel="phone")
    assert message == message | {
        "direction": "in",
        "is_public": True,
        "customer_id": asking.customer,
        "user_id": None,
        "channel": "phone",
    }
    now = await asking.now(ticket)
    assert now == now | {
        "category": "open",
        "snoozed_until": None,
        "last_customer_message_at": message["created_at"],
        "first_replied_at": None,
    }
    assert types(await told(ticket))[-2:] == ["ticket.customer_wrote", "ticket.resumed"]


async def test_what_a_customer_writes_opens_a_resolved_ticket(asking: Desk, told: Told) -> None:
    ticket = await asking.acted(await asking.ticket(), "resolve")
    assert (await heard(asking, ticket))["ticket_id"] == ticket["id"]
    now = await asking.now(ticket)
    assert (now["category"], now["reopened_count"]) == ("open", 1)
    assert types(await told(ticket))[-2:] == ["ticket.customer_wrote", "ticket.reopened"]


@pytest.mark.parametrize("end", ["close", "resolve"])
async def test_what_comes_too_late_makes_a_ticket_that_follows(asking: Desk, end: str) -> None:
    ticket = await asking.ticket(priority="high", tags=["warranty"], type="problem")
    over = await asking.acted(ticket, end)
    await later(asking.client, 8 * DAY)
    first = await heard(asking, ticket, "And again")
    assert first["ticket_id"] != ticket["id"]
    assert await asking.now(ticket) == over
    follows = await asking.now({"id": first["ticket_id"]})
    assert follows == follows | {
        "follows_id": ticket["id"],
        "category": "open",
        "subject": ticket["subject"],
        "requester_id": asking.customer,
        "priority": "high",
        "tags": ["warranty"],
        "type": "problem",
        "first_replied_at": None,
    }
    assert follows["number"] != ticket["number"]
    assert (await heard(asking, ticket, "Once more"))["ticket_id"] == follows["id"]
    assert await said(asking, follows) == ["And again", "Once more"]
    assert await asking.found(follows_id=ticket["id"]) == [follows["id"]]
    await asking.acted(follows, "close")
    third = await heard(asking, ticket, "A third time")
    assert (await asking.now({"id": third["ticket_id"]}))["follows_id"] == follows["id"]


async def test_what_is_written_to_a_merged_ticket_is_in_the_one_that_goes_on(
    asking: Desk, admin: "Admin[Any]"
) -> None:
    gone, kept = await asking.ticket(), await asking.ticket()
    await admin.execute(
        "UPDATE tickets SET category = 'closed', close_reason = 'merged', closed_at = updated_at, "
        "merged_into_id = $2 WHERE id = $1",
        *(bytes.fromhex(one["id"][4:]).hex() for one in (gone, kept)),
    )
    assert (await heard(asking, gone))["ticket_id"] == kept["id"]
    assert await said(asking, kept) == ["It leaks again"]


async def test_a_message_that_comes_again_is_there_once(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    ticket = await asking.ticket()
    message = await heard(asking, ticket, external_id="<4711@example.com>", channel="email")
    async with nothing_changes():
        again = await asking.act(
            ticket, "receive", text="Anew", external_id="<4711@example.com>", channel="email"
        )
    assert (again.status_code, again.json()) == (200, message)
    other = await heard(asking, ticket, external_id="<4711@example.com>", channel="wechat")
    assert other["id"] != message["id"]


async def test_a_message_that_comes_many_times_at_once_is_there_once(asking: Desk) -> None:
    """Also where it makes a ticket that follows."""
    for verb in ("resolve", "close"):
        ticket = await asking.acted(await asking.ticket(), verb)
        body = {"text": "Again", "external_id": f"<{verb}@example.com>"}
        answers = await asyncio.gather(*(asking.act(ticket, "receive", **body) for _ in range(10)))
        assert sorted(answer.status_code for answer in answers) == [*[200] * 9, 201]
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert len(await asking.found(follows_id=ticket["id"])) == (verb == "close")


async def test_different_messages_to_a_closed_ticket_at_once_make_one_that_follows(
    asking: Desk,
) -> None:
    ticket = await asking.acted(await asking.ticket(), "close")
    answers = await asyncio.gather(*(heard(asking, ticket, f"No. {n}") for n in range(8)))
    (follows,) = {message["ticket_id"] for message in answers}
    assert sorted(await said(asking, {"id": follows})) == [f"No. {n}" for n in range(8)]


async def test_replies_and_messages_at_once_are_all_there(asking: Desk) -> None:
    ticket = await asking.ticket()
    await asyncio.gather(
        *(heard(asking, ticket, f"In {n}") for n in range(5)),
        *(asking.act(ticket, "reply", text=f"Out {n}") for n in range(5)),
    )
    assert len(await said(asking, ticket)) == 10
    assert (await asking.now(ticket))["version"] == 11


async def test_somebody_else_may_write(asking: Desk, nothing_changes: Unchanged) -> None:
    ticket = await asking.ticket()
    other = await made(asking.client, "/customers", {"kind": "person", "name": "王芳"})
    message = await heard(asking, ticket, customer_id=other["id"])
    assert message["customer_id"] == other["id"]
    async with nothing_changes():
        unknown = await asking.act(ticket, "receive", text="Hello", customer_id=f"cus_{'f' * 32}")
    assert wrong(unknown)[0][0] == "/customer_id"


@pytest.mark.parametrize("verb", ["reply", "note", "receive"])
async def test_tickets_that_are_not_there_are_not_written_to(
    client: AsyncClient, verb: str, nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        answer = await client.post(f"/tickets/tic_{'f' * 32}/{verb}", json={"text": "Hello"})
    refused(answer, 404, "not-found")
    listed = await client.get(f"/tickets/tic_{'f' * 32}/messages")
    refused(listed, 404, "not-found")


async def test_who_has_not_seen_the_last_answer_does_not_answer_again(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    ticket = await asking.ticket()
    place, seen = f"/tickets/{ticket['id']}/reply", {"If-Match": '"1"'}
    first = await asking.client.post(place, json={"text": "Coming"}, headers=seen)
    assert first.status_code == 201, first.text
    async with nothing_changes():
        again = await asking.client.post(place, json={"text": "Coming too"}, headers=seen)
    refused(again, 412, "precondition-failed")
