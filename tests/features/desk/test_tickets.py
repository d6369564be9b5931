"""Tickets: what customers want of the service desk."""

from datetime import UTC, datetime

import pytest
from httpx import AsyncClient

from tests.conftest import Unchanged
from tests.features.trade.ordering import counter, line
from tests.grouping import made

from .asking import Desk, Json, user, wrong

NOBODY = "f" * 32


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
        "agent_id": None,
        "order_id": None,
        "first_replied_at": None,
        "due_at": None,
        "is_breached": False,
        "reopened_count": 0,
    }
    assert (await asking.client.get(f"/tickets/{ticket['id']}")).content == created.content


async def test_little_needs_to_be_said(asking: Desk) -> None:
    ticket = await asking.ticket()
    year = datetime.now(UTC).year
    assert ticket["number"].startswith(f"TIC-{year}") or ticket["number"].startswith("TIC-")
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
