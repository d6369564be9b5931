"""Ties: tickets that are merged, split and linked."""

import pytest

from tests.conftest import Unchanged
from tests.features.test_customers import refused
from tests.grouping import made

from .asking import Desk, Json, user, wrong
from .conftest import Told
from .test_messages import heard, said, types

NOBODYS = f"tic_{'f' * 32}"


async def merged(asking: Desk, ticket: Json, into: Json) -> Json:
    return await asking.acted(ticket, "merge", into_id=into["id"])


async def test_a_merged_ticket_is_closed_and_names_the_one_that_goes_on(
    asking: Desk, told: Told
) -> None:
    gone, kept = await asking.ticket(), await asking.ticket()
    answer = await merged(asking, gone, kept)
    assert answer == answer | {
        "id": gone["id"],
        "category": "closed",
        "close_reason": "merged",
        "merged_into_id": kept["id"],
        "version": 2,
    }
    now = await asking.now(kept)
    assert now == now | {"category": "open", "merged_count": 1, "merged_into_id": None}
    assert types(await told(gone))[1:] == ["ticket.merged", "ticket.closed"]
    assert types(await told(kept))[1:] == ["ticket.absorbed"]


async def test_the_messages_of_both_are_among_those_of_the_one_that_goes_on(
    asking: Desk,
) -> None:
    gone, kept = await asking.ticket(), await asking.ticket()
    await heard(asking, gone, "First")
    await asking.act(kept, "reply", text="Second")
    await asking.act(gone, "note", text="Third")
    await merged(asking, gone, kept)
    assert await said(asking, kept) == ["First", "Second", "Third"]
    assert await said(asking, gone) == ["First", "Third"]
    now = await asking.now(kept)
    assert now["message_count"] == 2
    assert now["last_customer_message_at"] is not None


async def test_pages_of_messages_go_on_over_both(asking: Desk) -> None:
    gone, kept = await asking.ticket(), await asking.ticket()
    for n in range(3):
        await heard(asking, gone, f"G{n}")
        await heard(asking, kept, f"K{n}")
    await merged(asking, gone, kept)
    found, cursor = [], None
    while True:
        asked = {"limit": 4, **({"cursor": cursor} if cursor else {})}
        page = await asking.client.get(f"/tickets/{kept['id']}/messages", params=asked)
        found += [message["text"] for message in page.json()["data"]]
        if (cursor := page.json()["next_cursor"]) is None:
            break
    assert found == ["G0", "K0", "G1", "K1", "G2", "K2"]


async def test_who_takes_part_and_tags_join_those_that_are_there(asking: Desk) -> None:
    other = await made(asking.client, "/customers", {"kind": "person", "name": "王芳"})
    one, two = await user(asking.client), await user(asking.client)
    gone = await asking.ticket(
        requester_id=other["id"],
        tags=["leak", "filler"],
        follower_ids=[one],
        assignee_id=two,
        cc_emails=["li.na@example.com"],
    )
    kept = await asking.ticket(tags=["warranty", "leak"], cc_emails=["wu@example.com"])
    await merged(asking, gone, kept)
    now = await asking.now(kept)
    assert now == now | {
        "tags": ["warranty", "leak", "filler"],
        "follower_ids": [one, two],
        "cc_ids": [other["id"]],
        "cc_emails": ["wu@example.com", "li.na@example.com"],
        "requester_id": asking.customer,
    }
    assert await asking.found(tag="filler") == [kept["id"], gone["id"]]
    assert await asking.found(cc_id=other["id"]) == [kept["id"]]


async def test_what_is_written_to_a_merged_ticket_is_in_the_one_that_goes_on(
    asking: Desk,
) -> None:
    gone, kept = await asking.ticket(), await asking.ticket()
    await merged(asking, gone, kept)
    assert (await heard(asking, gone, "From the customer"))["ticket_id"] == kept["id"]
    reply = await asking.act(gone, "reply", text="To the customer", then="resolved")
    assert (reply.status_code, reply.json()["ticket_id"]) == (201, kept["id"])
    assert (await asking.now(kept))["category"] == "resolved"
    assert await said(asking, kept) == ["From the customer", "To the customer"]
    noted = await asking.act(gone, "note", text="A note")
    assert noted.json()["ticket_id"] == gone["id"]
    assert (await said(asking, kept))[-1] == "A note"


async def test_of_a_chain_each_names_the_last(asking: Desk, told: Told) -> None:
    one, two, three = [await asking.ticket() for _ in range(3)]
    await heard(asking, one, "One")
    await merged(asking, one, two)
    await merged(asking, two, three)
    for ticket in (one, two):
        assert (await asking.now(ticket))["merged_into_id"] == three["id"]
        assert (await heard(asking, ticket, "More"))["ticket_id"] == three["id"]
    assert await said(asking, three) == ["One", "More", "More"]
    now = await asking.now(three)
    assert (now["merged_count"], now["message_count"]) == (2, 3)
    assert types(await told(one))[-1] == "ticket.merged"


async def test_what_is_merged_into_a_resolved_ticket_leaves_it_resolved(asking: Desk) -> None:
    gone, kept = await asking.ticket(), await asking.acted(await asking.ticket(), "resolve")
    await merged(asking, gone, kept)
    assert (await asking.now(kept))["category"] == "resolved"
    await heard(asking, gone)
    assert (await asking.now(kept))["category"] == "open"


async def test_loops_are_refused(asking: Desk, nothing_changes: Unchanged) -> None:
    one, two, three = [await asking.ticket() for _ in range(3)]
    await merged(asking, one, two)
    await merged(asking, two, three)
    async with nothing_changes():
        for ticket, into in ((three, three), (three, two), (three, one)):
            answer = await asking.act(ticket, "merge", into_id=into["id"])
            refused(answer, 409, "merge-refused")


async def test_nothing_is_merged_into_a_closed_ticket(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    ticket, closed = await asking.ticket(), await asking.acted(await asking.ticket(), "close")
    async with nothing_changes():
        refused(await asking.act(ticket, "merge", into_id=closed["id"]), 409, "merge-refused")
        refused(await asking.act(closed, "merge", into_id=ticket["id"]), 409, "invalid-transition")


@pytest.mark.parametrize("verb", ["merge", "link", "unlink"])
async def test_the_other_ticket_is_there(
    asking: Desk, verb: str, nothing_changes: Unchanged
) -> None:
    ticket, name = await asking.ticket(), "into_id" if verb == "merge" else "to_id"
    async with nothing_changes():
        assert wrong(await asking.act(ticket, verb, **{name: NOBODYS}))[0][0] == f"/{name}"
        answer = await asking.act({"id": NOBODYS}, verb, **{name: ticket["id"]})
        refused(answer, 404, "not-found")


async def test_merging_takes_the_version_that_was_seen(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    gone, kept = await asking.ticket(), await asking.ticket()
    await asking.put(gone, subject="Another")
    body, stale = {"into_id": kept["id"]}, {"If-Match": '"1"'}
    async with nothing_changes():
        answer = await asking.client.post(f"/tickets/{gone['id']}/merge", json=body, headers=stale)
        refused(answer, 412, "precondition-failed")


async def test_a_ticket_is_split_by_its_messages(asking: Desk, told: Told) -> None:
    ticket = await asking.ticket(channel="email", tags=["filler"], priority="high")
    for text in ("It leaks", "And my invoice is wrong"):
        await heard(asking, ticket, text)
    messages = (await asking.client.get(f"/tickets/{ticket['id']}/messages")).json()["data"]
    answer = await asking.act(
        ticket, "split", message_ids=[messages[1]["id"]], subject="The invoice is wrong"
    )
    assert answer.status_code == 201, answer.text
    new = answer.json()
    assert answer.headers["location"] == f"/v1/tickets/{new['id']}"
    assert new == new | {
        "split_from_id": ticket["id"],
        "follows_id": None,
        "subject": "The invoice is wrong",
        "requester_id": asking.customer,
        "channel": "email",
        "tags": ["filler"],
        "priority": "high",
        "category": "open",
        "message_count": 1,
        "last_customer_message_at": messages[1]["created_at"],
        "version": 1,
    }
    assert new["number"] != ticket["number"]
    assert await said(asking, ticket) == ["It leaks"]
    assert await said(asking, new) == ["And my invoice is wrong"]
    moved = (await asking.client.get(f"/ticket-messages/{messages[1]['id']}")).json()
    assert (moved["ticket_id"], moved["version"]) == (new["id"], 2)
    assert (await asking.now(ticket))["message_count"] == 1
    assert types(await told(ticket))[-1] == "ticket.split"
    assert types(await told(new)) == ["ticket.created"]


async def test_messages_of_what_was_merged_are_split_off_too(asking: Desk) -> None:
    gone, kept = await asking.ticket(), await asking.ticket()
    message = await heard(asking, gone)
    await merged(asking, gone, kept)
    answer = await asking.act(kept, "split", message_ids=[message["id"]], subject="Apart")
    assert await said(asking, kept) == []
    assert await said(asking, answer.json()) == ["It leaks again"]


async def test_only_its_own_messages_are_split_off(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    ticket, other = await asking.ticket(), await asking.ticket()
    mine, others = await heard(asking, ticket), await heard(asking, other)
    async with nothing_changes():
        answer = await asking.act(
            ticket, "split", message_ids=[mine["id"], others["id"]], subject="Apart"
        )
    assert wrong(answer)[0][0] == "/message_ids/1"


async def test_both_tickets_say_what_they_have_to_do_with_each_other(
    asking: Desk, told: Told
) -> None:
    one, two = await asking.ticket(), await asking.ticket()
    linked = await asking.acted(one, "link", to_id=two["id"], kind="blocks")
    assert linked["links"] == [{"ticket_id": two["id"], "kind": "blocks"}]
    assert (await asking.now(two))["links"] == [{"ticket_id": one["id"], "kind": "blocked_by"}]
    again = await asking.acted(one, "link", to_id=two["id"], kind="blocks")
    assert again == linked
    await asking.acted(two, "unlink", to_id=one["id"], kind="blocked_by")
    for ticket in (one, two):
        assert (await asking.now(ticket))["links"] == []
        assert types(await told(ticket))[1:] == ["ticket.linked", "ticket.unlinked"]


async def test_a_ticket_is_not_linked_to_itself(asking: Desk, nothing_changes: Unchanged) -> None:
    ticket = await asking.ticket()
    async with nothing_changes():
        assert wrong(await asking.act(ticket, "link", to_id=ticket["id"]))[0][0] == "/to_id"
