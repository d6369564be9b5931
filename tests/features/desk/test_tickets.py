"""Tickets: what customers want of the service desk."""

import asyncio
import re

import pytest
from httpx import AsyncClient

from tests.conftest import NewClient, Unchanged, WithKey
from tests.features.trade.ordering import counter, line
from tests.grouping import made

from .asking import Desk, Json, later, user, wrong
from .conftest import Told

NOBODY = "f" * 32
PERSON = {"kind": "person", "name": "王芳"}


async def test_a_ticket_is_answered_as_it_was_said(asking: Desk) -> None:
    person = await made(asking.client, "/customers", {"kind": "person", "name": "王芳"})
    said: Json = {
        "description": "Since this morning",
        "contact_id": person["id"],
        "channel": "phone",
        "type": "complaint",
        "complaint_level": "major",
        "responsible_unit_id": asking.unit,
        "priority": "high",
        "skills": ["hydraulics"],
        "assignee_id": await user(asking.client),
        "tags": ["warranty", "filler"],
        "number": "T-1",
        "external_ids": {"helpdesk": "100048"},
    }
    created = await asking.send(**said)
    assert created.status_code == 201, created.text
    ticket = created.json()
    assert ticket == ticket | said | {
        "object": "ticket",
        "subject": "The filler leaks",
        "requester_id": asking.customer,
        "business_unit_id": asking.unit,
        "category": "open",
        "close_reason": None,
        "queue_id": None,
        "order_id": None,
        "first_replied_at": None,
        "due_at": None,
        "is_breached": False,
        "reopened_count": 0,
    }
    assert (await asking.client.get(f"/tickets/{ticket['id']}")).content == created.content


async def test_little_needs_to_be_said(asking: Desk) -> None:
    ticket = await asking.ticket()
    assert re.fullmatch("TIC-20[0-9]{2}-000001", ticket["number"])
    assert ticket == ticket | {
        "channel": "api",
        "type": "question",
        "priority": "normal",
        "tags": [],
        "skills": [],
        "assignee_id": None,
    }


async def test_numbers_rise_in_a_unit(asking: Desk) -> None:
    numbers = [(await asking.ticket())["number"] for _ in range(3)]
    assert [int(number[-6:]) for number in numbers] == [1, 2, 3]


@pytest.mark.parametrize("name", ["complaint_level", "responsible_unit_id"])
async def test_only_complaints_have_a_level_and_a_responsible_unit(
    asking: Desk, name: str, nothing_changes: Unchanged
) -> None:
    value = "minor" if name == "complaint_level" else asking.unit
    async with nothing_changes():
        assert wrong(await asking.send(type="problem", **{name: value})) == [
            (f"/{name}", "no_complaint")
        ]


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("requester_id", "cus"),
        ("contact_id", "cus"),
        ("order_id", "ord"),
        ("assignee_id", "usr"),
        ("business_unit_id", "bun"),
    ],
)
async def test_who_is_named_is_there(
    asking: Desk, name: str, prefix: str, nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        refused = await asking.send(**{name: f"{prefix}_{NOBODY}"})
    assert wrong(refused)[0][0].startswith(f"/{name}")


async def test_a_contact_is_a_person(asking: Desk, nothing_changes: Unchanged) -> None:
    async with nothing_changes():
        refused = await asking.send(contact_id=asking.customer)
    assert wrong(refused) == [("/contact_id", "no_person")]


async def test_tickets_are_found_by_what_they_say(asking: Desk) -> None:
    worker = await user(asking.client)
    one = await asking.ticket(
        tags=["warranty", "warranty"], priority="urgent", type="problem", assignee_id=worker
    )
    await asking.ticket()
    assert one["tags"] == ["warranty"]
    for asked in (
        {"tag": "warranty"},
        {"priority": "urgent"},
        {"type": "problem"},
        {"assignee_id": worker},
        {"number": one["number"]},
    ):
        assert await asking.found(**asked) == [one["id"]]
    assert len(await asking.found(requester_id=asking.customer, category="open")) == 2


async def test_tickets_are_found_by_who_asks(asking: Desk) -> None:
    vip = await made(asking.client, "/customers", {"kind": "person", "name": "周", "tags": ["vip"]})
    one = await asking.ticket(requester_id=vip["id"])
    await asking.ticket()
    assert await asking.searched("requester.tags", "contains", "vip") == [one["id"]]
    assert await asking.searched("tags", "contains", "vip") == []


async def test_whom_a_ticket_names_may_stand_beside_it(client: AsyncClient) -> None:
    shop = await counter(client)
    order = await shop.order(line())
    asking = Desk(client, shop.customer, shop.unit)
    ticket = await asking.ticket(order_id=order["id"])
    shown = await asking.now(ticket, expand=["requester", "order", "assignee"])
    assert shown["requester"]["id"] == shop.customer
    assert shown["order"]["number"] == order["number"]
    assert shown["assignee"] is None


async def test_a_ticket_is_changed(asking: Desk, told: Told) -> None:
    ticket = await asking.ticket(type="complaint", complaint_level="minor", tags=["a", "b"])
    changed = await asking.put(ticket, subject="It drips", tags=["b", "c"], priority="urgent")
    assert changed.status_code == 200, changed.text
    now = changed.json()
    assert now == now | {"subject": "It drips", "tags": ["b", "c"], "priority": "urgent"}
    assert now["version"] == 2
    assert await asking.found(tag="a") == []
    assert await asking.found(tag="c") == [ticket["id"]]
    again = await asking.put(ticket, subject="It drips")
    assert again.json()["version"] == 2
    assert [one["type"] for one in await told(ticket)] == ["ticket.created", "ticket.updated"]


async def test_what_was_a_complaint_gives_up_its_level(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    ticket = await asking.ticket(type="complaint", complaint_level="minor")
    async with nothing_changes():
        refused = await asking.put(ticket, type="question")
    assert wrong(refused) == [("/complaint_level", "no_complaint")]
    plain = await asking.put(ticket, type="question", complaint_level=None)
    assert plain.json()["complaint_level"] is None


async def test_participants_are_customers_users_and_addresses(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    follower, other = await user(asking.client), await made(asking.client, "/customers", PERSON)
    ticket = await asking.ticket(
        follower_ids=[follower, follower],
        cc_ids=[other["id"]],
        cc_emails=["Li.Na@Example.com", "li.na@example.com"],
    )
    assert ticket == ticket | {
        "follower_ids": [follower],
        "cc_ids": [other["id"]],
        "cc_emails": ["li.na@example.com"],
    }
    assert await asking.found(follower_id=follower) == [ticket["id"]]
    assert await asking.found(cc_id=other["id"]) == [ticket["id"]]
    async with nothing_changes():
        answers = [
            await asking.put(ticket, follower_ids=[follower, f"usr_{NOBODY}"]),
            await asking.put(ticket, cc_ids=[f"cus_{NOBODY}"]),
        ]
    assert [wrong(answer)[0][0] for answer in answers] == ["/follower_ids/1", "/cc_ids/0"]
    none = (await asking.put(ticket, follower_ids=[], cc_ids=[], cc_emails=[])).json()
    assert (none["follower_ids"], none["cc_ids"], none["cc_emails"]) == ([], [], [])
    assert await asking.found(follower_id=follower) == []


async def test_a_masked_key_does_not_see_whom_copies_are_sent_to(
    asking: Desk, with_key: WithKey
) -> None:
    ticket = await asking.ticket(cc_emails=["li.na@example.com"])
    said = {"name": "Reports", "scopes": ["tickets:read"], "masked": True}
    key = (await made(asking.client, "/api-keys", said))["secret"]
    shown = await (await with_key(key)).get(f"/tickets/{ticket['id']}")
    assert shown.json()["cc_emails"] is None


async def test_a_ticket_is_as_it_was(asking: Desk) -> None:
    ticket = await asking.ticket()
    await later(asking.client, 3600)
    await asking.put(ticket, subject="It drips")
    assert await asking.now(ticket, as_of=ticket["created_at"]) == ticket


async def test_another_system_sends_a_ticket_again(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    place, said = "/tickets/external/helpdesk/100048", {"subject": "It leaks", "priority": "high"}
    async with nothing_changes():
        missing = await asking.client.patch(place, json=said)
    assert wrong(missing) == [("/requester_id", "missing")]
    whole = {**said, "requester_id": asking.customer, "business_unit_id": asking.unit}
    created = await asking.client.patch(place, json=whole)
    assert created.status_code == 201, created.text
    ticket = created.json()
    assert ticket["external_ids"] == {"helpdesk": "100048"}
    again = await asking.client.patch(place, json=whole)
    assert (again.status_code, again.json()) == (200, ticket)
    changed = await asking.client.patch(place, json={"priority": "low"})
    assert (changed.json()["priority"], changed.json()["subject"]) == ("low", "It leaks")
    async with nothing_changes():
        renumbered = await asking.client.patch(place, json={"number": "T-2"})
    assert wrong(renumbered, 409) == [("/number", "ticket_settled")]


async def test_many_tickets_are_sent_at_once(asking: Desk) -> None:
    about = {"requester_id": asking.customer, "business_unit_id": asking.unit}
    items = [
        {"external_id": str(n), "data": {**about, "subject": f"No. {n}"}} for n in range(20)
    ] + [
        {"external_id": "wrong", "data": {**about, "requester_id": f"cus_{NOBODY}", "subject": "x"}}
    ]
    body = {"system": "helpdesk", "items": items}
    first = await asking.client.post("/tickets/batch-upsert", json=body)
    assert [one["outcome"] for one in first.json()["data"]] == [*["created"] * 20, "failed"]
    found = await asking.client.get("/tickets", params={"limit": 200})
    numbers = {int(ticket["number"][-6:]) for ticket in found.json()["data"]}
    assert numbers == set(range(1, 21))
    again = await asking.client.post("/tickets/batch-upsert", json={**body, "items": items[:20]})
    assert {one["outcome"] for one in again.json()["data"]} == {"unchanged"}


async def test_tickets_are_counted(asking: Desk) -> None:
    for priority in ("high", "high", "low"):
        await asking.ticket(priority=priority)
    asked = {"group_by": ["priority"], "metrics": [{"op": "count"}]}
    answer = await asking.client.post("/tickets/aggregate", json=asked)
    assert answer.status_code == 200, answer.text
    found = answer.json()["groups"]
    counts = {one["group"]["priority"]: one["metrics"]["count"] for one in found}
    assert counts == {"high": 2, "low": 1}


async def test_what_the_requester_has_ordered_and_asked_stands_beside_a_ticket(
    client: AsyncClient,
) -> None:
    shop = await counter(client)
    asking = Desk(client, shop.customer, shop.unit)
    orders = [await shop.order(line(), status="confirmed") for _ in range(6)]
    draft = await shop.order(line())
    others = [await asking.ticket() for _ in range(6)]
    done = await asking.acted(await asking.ticket(), "resolve")
    ticket = await asking.ticket()
    shown = await asking.now(ticket, expand=["recent_orders", "open_tickets"])
    newest = [order["id"] for order in orders[::-1]][:5]
    assert [order["id"] for order in shown["recent_orders"]] == newest
    assert draft["id"] not in newest
    asked = [one["id"] for one in shown["open_tickets"]]
    assert asked == [one["id"] for one in others[::-1]][:5]
    assert done["id"] not in asked
    assert shown["recent_orders"][0]["number"] == orders[-1]["number"]
    listed = await client.get("/tickets", params={"expand": "recent_orders", "limit": 3})
    assert {len(one["recent_orders"]) for one in listed.json()["data"]} == {5}


async def test_who_has_nothing_else_has_empty_lists_beside(asking: Desk) -> None:
    shown = await asking.now(await asking.ticket(), expand=["recent_orders", "open_tickets"])
    assert (shown["recent_orders"], shown["open_tickets"]) == ([], [])


async def test_orders_stand_beside_tickets_for_those_who_may_read_orders(
    asking: Desk, caller: NewClient, with_key: WithKey
) -> None:
    ticket = await asking.ticket()
    said = {"name": "Desk", "scopes": ["tickets:read"]}
    reader = await with_key((await made(asking.client, "/api-keys", said))["secret"])
    refused = await reader.get(f"/tickets/{ticket['id']}", params={"expand": "recent_orders"})
    assert refused.status_code == 403
    shown = await reader.get(f"/tickets/{ticket['id']}", params={"expand": "open_tickets"})
    assert shown.status_code == 200


async def test_open_tickets_are_in_the_overview_of_the_customer(asking: Desk) -> None:
    ticket = await asking.ticket()
    await asking.acted(await asking.ticket(), "close")
    answer = await asking.client.get(f"/customers/{asking.customer}/overview")
    assert answer.status_code == 200, answer.text
    shown = answer.json()["open_tickets"]
    assert (shown["count"], [one["id"] for one in shown["data"]]) == (1, [ticket["id"]])


async def test_a_number_is_there_once_in_a_unit(asking: Desk, nothing_changes: Unchanged) -> None:
    await asking.ticket(number="T-1")
    async with nothing_changes():
        again = await asking.send(number="T-1")
    assert wrong(again, 409) == [("/number", "duplicate_value")]


async def test_tickets_that_are_made_at_once_have_numbers_without_gaps(asking: Desk) -> None:
    made_ = await asyncio.gather(*(asking.ticket() for _ in range(10)))
    assert sorted(int(ticket["number"][-6:]) for ticket in made_) == list(range(1, 11))


async def test_custom_fields_are_carried_and_asked_about(asking: Desk) -> None:
    field = {"resource": "ticket", "key": "machine", "kind": "text", "labels": {"en": "Machine"}}
    await made(asking.client, "/custom-fields", {**field, "indexed": True})
    ticket = await asking.ticket(custom={"machine": "F-200"})
    await asking.ticket()
    assert ticket["custom"] == {"machine": "F-200"}
    assert await asking.searched("custom.machine", "eq", "F-200") == [ticket["id"]]
