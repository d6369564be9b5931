"""Macros: what is done to tickets again and again, in one step."""

from itertools import count
from typing import Any

import pytest
from httpx import AsyncClient, Response

from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.pipeline.selling import unit
from tests.features.test_customers import refused
from tests.grouping import made

from .asking import Desk, Json, later, user, wrong
from .conftest import Told
from .staffing import queue
from .test_messages import said, types
from .test_ticket_statuses import status

NUMBERS = count(1)
DAY = 86_400


async def macro(client: AsyncClient, name: str = "", **actions: Any) -> Json:
    named = {"name": name or f"Macro {next(NUMBERS)}"}
    beside = {name: actions.pop(name) for name in ("business_unit_id",) if name in actions}
    return await made(client, "/macros", {**named, **beside, "actions": actions})


async def applied(asking: Desk, ticket: Json, **actions: Any) -> Json:
    of = await macro(asking.client, **actions)
    return await asking.acted(ticket, "apply-macro", macro_id=of["id"])


async def tried(asking: Desk, ticket: Json, **actions: Any) -> Response:
    of = await macro(asking.client, **actions)
    return await asking.act(ticket, "apply-macro", macro_id=of["id"])


async def test_a_macro_is_read_as_it_was_made(client: AsyncClient) -> None:
    body = {"name": "Send spare parts", "actions": {"add_tags": ["parts"], "reply": "Coming."}}
    answer = await client.post("/macros", json=body)
    assert answer.status_code == 201, answer.text
    read = await client.get(f"/macros/{answer.json()['id']}")
    assert read.content == answer.content
    assert answer.json()["actions"] == {
        "priority": None,
        "type": None,
        "status_id": None,
        "queue_id": None,
        "assignee_id": None,
        "add_tags": ["parts"],
        "remove_tags": [],
        "reply": "Coming.",
        "note": None,
    }


async def test_macros_are_listed_by_name_and_found_by_parts_of_it(
    caller: NewClient, new_tenant_: NewTenant
) -> None:
    client = await caller(tenant=await new_tenant_())
    for name in ("Zulu", "寄送备件", "Alpha"):
        await macro(client, name, note="Done")
    listed = [one["name"] for one in (await client.get("/macros")).json()["data"]]
    assert listed == ["Alpha", "寄送备件", "Zulu"]
    found = (await client.get("/macros", params={"q": "bei jian"})).json()["data"]
    assert [one["name"] for one in found] == ["寄送备件"]


async def test_a_macro_answers_notes_and_changes_the_ticket_in_one_step(
    asking: Desk, told: Told
) -> None:
    client = asking.client
    person, of = await user(client), await queue(client, strategy="manual")
    waits = await status(client, "waiting_third_party", "Waiting for spare parts")
    ticket = await asking.ticket(tags=["filler", "new"])
    answer = await applied(
        asking,
        ticket,
        priority="high",
        type="problem",
        status_id=waits["id"],
        queue_id=of["id"],
        assignee_id=person,
        add_tags=["parts", "filler"],
        remove_tags=["new"],
        reply="Dear {{requester.name}}, about {{ ticket.number }} ({{ticket.subject}}): coming.",
        note="Parts ordered",
    )
    assert answer == answer | {
        "priority": "high",
        "type": "problem",
        "status_id": waits["id"],
        "category": "waiting_third_party",
        "queue_id": of["id"],
        "assignee_id": person,
        "tags": ["filler", "parts"],
        "message_count": 1,
    }
    name = (await client.get(f"/customers/{asking.customer}")).json()["name"]
    text = f"Dear {name}, about {ticket['number']} (The filler leaks): coming."
    assert sorted(await said(asking, ticket)) == sorted([text, "Parts ordered"])
    assert types(await told(ticket))[1:] == [
        "ticket.replied",
        "ticket.updated",
        "ticket.assigned",
        "ticket.put_on_hold",
    ]


@pytest.mark.parametrize("category", ["resolved", "closed"])
async def test_a_macro_ends_a_ticket(asking: Desk, category: str) -> None:
    ends = await status(asking.client, category, f"Done: {category}")
    ticket = await applied(asking, await asking.ticket(), status_id=ends["id"], reply="Done.")
    assert (ticket["category"], ticket["status_id"]) == (category, ends["id"])
    assert ticket["close_reason"] == ("resolved" if category == "closed" else None)


async def test_what_is_so_already_changes_nothing(asking: Desk, nothing_changes: Unchanged) -> None:
    ticket = await asking.ticket(tags=["parts"], priority="high")
    of = await macro(asking.client, priority="high", add_tags=["parts"], remove_tags=["no"])
    async with nothing_changes():
        answer = await asking.acted(ticket, "apply-macro", macro_id=of["id"])
    assert answer == ticket


async def test_a_closed_ticket_is_left_alone(asking: Desk, nothing_changes: Unchanged) -> None:
    ticket = await asking.acted(await asking.ticket(), "close")
    of = await macro(asking.client, note="Late", priority="low")
    async with nothing_changes():
        refused(await asking.act(ticket, "apply-macro", macro_id=of["id"]), 409, "conflict")


async def test_of_a_macro_that_fails_nothing_is_done(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    opens = await status(asking.client, "open", "In work again")
    ticket = await asking.acted(await asking.ticket(), "resolve")
    of = await macro(asking.client, status_id=opens["id"], reply="We look at it again.")
    await later(asking.client, 8 * DAY)
    async with nothing_changes():
        refused(await asking.act(ticket, "apply-macro", macro_id=of["id"]), 409, "conflict")


async def test_a_macro_takes_the_version_that_was_seen(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    ticket = await asking.ticket()
    of = await macro(asking.client, reply="Hello", priority="low")
    place, body = f"/tickets/{ticket['id']}/apply-macro", {"macro_id": of["id"]}
    seen = await asking.client.post(place, json=body, headers={"If-Match": '"1"'})
    assert (seen.status_code, seen.json()["version"]) == (200, 3)
    async with nothing_changes():
        stale = await asking.client.post(place, json=body, headers={"If-Match": '"1"'})
    refused(stale, 412, "precondition-failed")


async def test_a_macro_of_a_unit_is_for_its_tickets(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    mine = await macro(asking.client, note="Mine", business_unit_id=asking.unit)
    other = await macro(asking.client, note="No", business_unit_id=await unit(asking.client))
    ticket = await asking.ticket()
    await asking.acted(ticket, "apply-macro", macro_id=mine["id"])
    async with nothing_changes():
        answer = await asking.act(ticket, "apply-macro", macro_id=other["id"])
    refused(answer, 409, "conflict")
    assert await said(asking, ticket) == ["Mine"]


async def test_a_complaint_keeps_what_only_complaints_have(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    ticket = await asking.ticket(type="complaint", complaint_level="major")
    of = await macro(asking.client, type="question")
    async with nothing_changes():
        refused(await asking.act(ticket, "apply-macro", macro_id=of["id"]), 409, "conflict")


async def test_a_ticket_has_a_hundred_tags_at_most(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    ticket = await asking.ticket(tags=[f"t{n}" for n in range(100)])
    of = await macro(asking.client, add_tags=["one more"])
    async with nothing_changes():
        refused(await asking.act(ticket, "apply-macro", macro_id=of["id"]), 409, "conflict")
    assert "new" in (await applied(asking, ticket, add_tags=["new"], remove_tags=["t0"]))["tags"]


async def test_an_archived_macro_does_nothing(asking: Desk, nothing_changes: Unchanged) -> None:
    ticket, of = await asking.ticket(), await macro(asking.client, note="Done")
    archived = await asking.client.post(f"/macros/{of['id']}/archive")
    assert archived.json()["state"] == "archived"
    async with nothing_changes():
        answer = await asking.act(ticket, "apply-macro", macro_id=of["id"])
    assert answer.status_code == 409
    await asking.client.post(f"/macros/{of['id']}/restore")
    await asking.acted(ticket, "apply-macro", macro_id=of["id"])


@pytest.mark.parametrize(
    "text", ["{{ticket.secret}}", "Dear {{name}}", "{{}}", "{{ticket number}}"]
)
async def test_unknown_placeholders_are_refused(
    client: AsyncClient, text: str, nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        answer = await client.post("/macros", json={"name": "A", "actions": {"reply": text}})
    assert wrong(answer) == [("/actions/reply", "unknown_placeholder")]


@pytest.mark.parametrize(
    ("actions", "pointer"),
    [
        ({}, "/actions"),
        ({"add_tags": []}, "/actions"),
        ({"status_id": f"tst_{'f' * 32}"}, "/actions/status_id"),
        ({"queue_id": f"que_{'f' * 32}"}, "/actions/queue_id"),
        ({"assignee_id": f"usr_{'f' * 32}"}, "/actions/assignee_id"),
    ],
)
async def test_what_a_macro_does_can_be_done(
    client: AsyncClient, actions: Json, pointer: str, nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        answer = await client.post("/macros", json={"name": "A", "actions": actions})
    assert wrong(answer)[0][0] == pointer


async def test_a_name_is_there_once(client: AsyncClient, nothing_changes: Unchanged) -> None:
    await macro(client, "Same", note="Done")
    async with nothing_changes():
        answer = await client.post("/macros", json={"name": "Same", "actions": {"note": "A"}})
    refused(answer, 409, "duplicate-value")


async def test_what_a_macro_does_is_replaced_whole(client: AsyncClient) -> None:
    of = await macro(client, note="Done", priority="low")
    put = await client.patch(f"/macros/{of['id']}", json={"actions": {"priority": "high"}})
    assert put.json()["actions"] == {**of["actions"], "note": None, "priority": "high"}


async def test_texts_of_a_ticket_are_not_filled_in_again(asking: Desk) -> None:
    ticket = await asking.ticket(subject="{{requester.name}}")
    await applied(asking, ticket, note="{{ticket.subject}}")
    assert await said(asking, ticket) == ["{{requester.name}}"]
