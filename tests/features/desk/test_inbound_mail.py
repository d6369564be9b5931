"""Mail as it comes in: which ticket it belongs to, who wrote it, and how often it is there."""

import asyncio
from uuid import UUID

import pytest
from httpx import AsyncClient

from crm_api.features.desk.channels.rules import mark, read_key
from crm_api.features.desk.messages.resource import TICKET_MESSAGE
from crm_api.features.desk.tickets.resource import TICKET
from crm_api.kit.mail.threads import message_id
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import refused
from tests.grouping import made

from .asking import Desk
from .conftest import Told
from .writing import Counter, counter, mail, read


@pytest.fixture
async def post(client: AsyncClient) -> Counter:
    return await counter(client, kind="email", address="service@example.com")


async def test_a_mail_begins_a_ticket_of_a_new_customer(post: Counter, told: Told) -> None:
    receipt = await post.took(mail(Message_ID="<1@mail.example.com>"))
    ticket = await post.ticket(receipt, expand="requester")
    assert ticket == ticket | {
        "subject": "The filler leaks",
        "business_unit_id": post.unit,
        "channel": "email",
        "channel_id": post.channel["id"],
        "category": "open",
        "message_count": 1,
        "follower_ids": [],
    }
    requester = ticket["requester"]
    assert (requester["name"], requester["kind"]) == ("Wang Fang", "person")
    assert requester["contact_points"][0]["value"] == "wang.fang@example.com"
    [message] = await post.messages(receipt)
    assert message == message | {
        "id": receipt["message_id"],
        "direction": "in",
        "text": "The filler leaks.",
        "external_id": "1@mail.example.com",
        "address": "wang.fang@example.com",
        "customer_id": requester["id"],
        "is_automatic": False,
        "delivery": None,
    }
    assert [one["type"] for one in await told(ticket)] == ["ticket.created"]


async def test_a_new_customer_is_of_the_unit_of_the_channel(post: Counter) -> None:
    ticket = await post.ticket(await post.took(mail()))
    profiles = await read(post.client, f"/customers/{ticket['requester_id']}/unit-profiles")
    assert [one["business_unit_id"] for one in profiles["data"]] == [post.unit]


async def test_who_is_known_by_his_address_is_the_requester(post: Counter) -> None:
    point = {"kind": "email", "value": "Wang.Fang@Example.com"}
    person = {"kind": "person", "name": "王芳", "contact_points": [point]}
    known = await made(post.client, "/customers", person)
    ticket = await post.ticket(await post.took(mail()))
    assert ticket["requester_id"] == known["id"]


async def test_the_same_mail_three_times_is_one_message(post: Counter) -> None:
    raw = mail()
    first = await post.took(raw)
    assert await post.took(raw, "known") == first | {"outcome": "known"}
    assert await post.took(raw, "known") == first | {"outcome": "known"}
    assert len(await post.messages(first)) == len(await post.tickets()) == 1


async def test_the_same_mail_at_once_is_one_message_of_one_customer(post: Counter) -> None:
    raw = mail()
    answers = await asyncio.gather(*(post.send(raw) for _ in range(6)))
    told = [answer.json() for answer in answers]
    assert len({one["message_id"] for one in told}) == len({one["ticket_id"] for one in told}) == 1
    assert sorted(one["outcome"] for one in told) == ["known"] * 5 + ["received"]
    assert len(await post.tickets()) == 1
    assert len((await read(post.client, "/customers"))["data"]) == 1


async def test_different_mails_of_a_stranger_at_once_make_one_customer(post: Counter) -> None:
    told = await asyncio.gather(*(post.took(mail(Subject=f"No {n}")) for n in range(6)))
    assert len({one["ticket_id"] for one in told}) == 6
    assert len((await read(post.client, "/customers"))["data"]) == 1


async def test_what_answers_a_mail_belongs_to_its_ticket(post: Counter) -> None:
    first = await post.took(mail(Message_ID="<1@mail.example.com>"))
    second = await post.took(mail(In_Reply_To="<1@mail.example.com>", body="And drips."))
    refers = mail(References="<0@x.example> <1@mail.example.com>", From="li@example.com")
    third = await post.took(refers)
    assert first["ticket_id"] == second["ticket_id"] == third["ticket_id"]
    customers = [one["customer_id"] for one in await post.messages(first)]
    assert customers[0] == customers[1] != customers[2]


async def test_what_answers_us_belongs_to_the_ticket(post: Counter) -> None:
    first = await post.took(mail())
    said = {"text": "We are coming.", "then": "waiting_customer"}
    path = f"/tickets/{first['ticket_id']}/reply"
    reply = (await post.client.post(path, json=said)).json()
    ids = (TICKET.prefix.read(reply["ticket_id"]), TICKET_MESSAGE.prefix.read(reply["id"]))
    ours = message_id(*ids, "example.com")
    answer = await post.took(mail(In_Reply_To=f"<{ours}>", body="Thank you."))
    assert answer["ticket_id"] == first["ticket_id"]
    assert (await post.ticket(answer))["category"] == "open"
    made_up = message_id(ids[0], UUID(int=7), "example.com")
    other = await post.took(mail(In_Reply_To=f"<{made_up}>"))
    assert other["ticket_id"] != first["ticket_id"]


async def test_a_number_in_the_subject_holds_for_who_takes_part(post: Counter) -> None:
    first = await post.took(mail())
    number = (await post.ticket(first))["number"]
    mine = await post.took(mail(Subject=f"Re: it leaks [{number}]"))
    assert mine["ticket_id"] == first["ticket_id"]
    theirs = await post.took(mail(Subject=f"Re: it leaks [{number}]", From="eve@example.com"))
    assert theirs["ticket_id"] != first["ticket_id"]
    path = f"/tickets/{first['ticket_id']}"
    await post.client.patch(path, json={"cc_emails": ["eve@example.com"]})
    copied = await post.took(mail(Subject=f"Re: it leaks [{number}]", From="eve@example.com"))
    assert copied["ticket_id"] == first["ticket_id"]


async def test_what_answers_a_closed_ticket_begins_one_that_follows(post: Counter) -> None:
    first = await post.took(mail(Message_ID="<1@mail.example.com>"))
    await post.client.post(f"/tickets/{first['ticket_id']}/close", json={"reason": "resolved"})
    next = await post.took(mail(In_Reply_To="<1@mail.example.com>"))
    assert next["ticket_id"] != first["ticket_id"]
    assert (await post.ticket(next))["follows_id"] == first["ticket_id"]


@pytest.mark.parametrize("sender", ["service@example.com", ""])
async def test_what_we_have_sent_and_what_nobody_has_sent_is_dropped(
    post: Counter, sender: str, nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        receipt = await post.took(mail(From=sender), "dropped")
    assert receipt["message_id"] is receipt["ticket_id"] is None


async def test_what_carries_our_mark_is_dropped(post: Counter, nothing_changes: Unchanged) -> None:
    named = read_key(post.channel["inbound_key"])
    assert named
    async with nothing_changes():
        await post.took(mail(X_Crm_Loop=mark(named[0])), "dropped")


async def test_what_a_machine_answers_is_noted_once_and_wakes_nobody(post: Counter) -> None:
    first = await post.took(mail(Message_ID="<1@mail.example.com>"))
    await post.client.post(f"/tickets/{first['ticket_id']}/resolve", json={})
    away = mail(
        "Auto-Submitted: auto-replied", In_Reply_To="<1@mail.example.com>", body="I am away."
    )
    noted = await post.took(away, "noted")
    assert await post.took(away, "known") == noted | {"outcome": "known"}
    [_, note] = await post.messages(first)
    assert note == note | {
        "text": "I am away.",
        "direction": "out",
        "is_public": False,
        "is_automatic": True,
        "customer_id": None,
    }
    assert (await post.ticket(first))["category"] == "resolved"


async def test_what_a_machine_answers_is_noted_by_the_number_in_its_subject(
    post: Counter,
) -> None:
    first = await post.took(mail())
    path = f"/tickets/{first['ticket_id']}"
    waits = (await post.client.post(f"{path}/wait", json={})).json()
    subject = f"Automatic reply: it leaks [{waits['number']}]"
    away = mail("Auto-Submitted: auto-replied", Subject=subject, body="I am away.")
    noted = await post.took(away, "noted")
    assert noted["ticket_id"] == first["ticket_id"]
    assert await post.ticket(first) == waits
    assert [one["is_public"] for one in await post.messages(first)] == [True, False]


async def test_a_bounce_that_belongs_to_nothing_is_dropped(
    post: Counter, nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        await post.took(mail("Return-Path: <>", From="MAILER-DAEMON@example.com"), "dropped")


async def test_mail_of_a_list_begins_a_ticket(post: Counter) -> None:
    receipt = await post.took(mail("Precedence: bulk"))
    [message] = await post.messages(receipt)
    assert (message["is_automatic"], message["direction"]) == (True, "in")


async def test_mail_without_anything_is_taken(post: Counter) -> None:
    receipt = await post.took(b"From: a@example.com\r\n\r\n")
    assert (await post.ticket(receipt))["subject"] == "无主题"
    raw = "From: =?gb2312?B?1ve3vA==?= <瓦@例子.cn>\r\nSubject: " + "长" * 900
    strange = await post.took(raw.encode() + b"\r\n\r\n\x00\xff\xfe")
    assert len((await post.ticket(strange))["subject"]) == 300
    again = await post.took(raw.encode() + b"\r\n\r\nAnd more")
    requesters = {(await post.ticket(one))["requester_id"] for one in (strange, again)}
    assert len(requesters) == 1


async def test_mail_of_many_megabytes_is_taken_and_more_is_not(
    post: Counter, nothing_changes: Unchanged
) -> None:
    receipt = await post.took(mail(body="x" * 2_000_000))
    [message] = await post.messages(receipt)
    assert len(message["text"]) == 100_000
    async with nothing_changes():
        refused(await post.send(b"x" * 26_214_401), 413, "payload-too-large")


async def test_who_hands_in_mail_reads_nothing(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    post = await counter(await caller(tenant=tenant), kind="email", address="service@example.com")
    gate = Counter(await caller("channels:deliver", tenant=tenant), post.channel, post.unit)
    receipt = await gate.took(mail())
    assert (await post.ticket(receipt))["message_count"] == 1
    reader = Counter(await caller("*:read", tenant=tenant), post.channel, post.unit)
    async with nothing_changes():
        refused(await gate.client.get(f"/tickets/{receipt['ticket_id']}"), 403, "forbidden")
        refused(await reader.send(mail()), 403, "forbidden")


async def test_a_chat_takes_no_mail_and_no_forms(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    chat = await counter(client, kind="web_chat")
    async with nothing_changes():
        refused(await chat.send(mail()), 409, "conflict")
        answer = await chat.filled(name="A", email="a@example.com", text="Hello")
        refused(answer, 409, "conflict")


async def test_mail_to_the_address_of_a_web_form_is_mail(client: AsyncClient) -> None:
    form = await counter(client, kind="web_form", address="form@example.com")
    ticket = await form.ticket(await form.took(mail()))
    assert (ticket["channel"], ticket["channel_id"]) == ("email", form.channel["id"])


async def test_an_archived_channel_takes_nothing(post: Counter, nothing_changes: Unchanged) -> None:
    await post.client.post(f"{post.place}/archive")
    async with nothing_changes():
        refused(await post.send(mail()), 404, "not-found")


async def test_another_tenant_hands_nothing_in(
    post: Counter, caller: NewClient, nothing_changes: Unchanged
) -> None:
    other = Counter(await caller(), post.channel, post.unit)
    async with nothing_changes():
        refused(await other.send(mail()), 404, "not-found")


async def test_a_channel_without_a_unit_serves_the_whole_group(
    client: AsyncClient, asking: Desk
) -> None:
    post = await counter(client, kind="email", address="a@example.com", business_unit_id=None)
    receipt = await post.took(mail())
    assert (await post.ticket(receipt))["business_unit_id"]
