"""Answers leave by mail servers and signed requests, until they are taken."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from httpx import Response
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from crm_api.features.desk.messages.resource import TICKET_MESSAGE
from crm_api.features.desk.outbound.jobs import Leaving, crew
from crm_api.features.desk.outbound.rules import ACKNOWLEDGED_A_DAY, ending
from crm_api.features.desk.outbound.service import LEAVE
from crm_api.features.desk.terms.schemas import Delivery
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from crm_api.kit.leases import Leases
from crm_api.kit.mail.outgoing import SendTrouble, Unsent
from crm_api.kit.timers import LeaseLost
from crm_api.platform.journal.sequencer import Sequencer
from crm_api.platform.webhook_deliveries.rules import SCHEDULE
from crm_api.settings import Settings
from tests.conftest import Admin
from tests.mailing import PASSWORD, USER, MailServer, mail_server
from tests.receiving import Receiver, receiver
from tests.serving import applications, client_of, tenant_and_key

from .asking import later
from .writing import Counter, Json, counter, mail, read, took

NOW = datetime(2026, 11, 27, tzinfo=UTC)


@dataclass
class Office:
    """A desk that may send to a mail server and a receiver on this machine."""

    post: Counter
    chat: Counter
    house: House
    server: MailServer
    receiver: Receiver

    async def leave(self) -> None:
        """What is due leaves."""
        await do_once([crew(self.house)], asyncio.Event())

    async def reply(self, receipt: Json, text: str = "We are coming.", **said: Any) -> Response:
        path = f"/tickets/{receipt['ticket_id']}/reply"
        return await self.post.client.post(path, json={"text": text, **said})

    async def replied(self, receipt: Json, text: str = "We are coming.", **said: Any) -> Json:
        answer = await self.reply(receipt, text, **said)
        assert answer.status_code == 201, answer.text
        told: Json = answer.json()
        return told

    async def now(self, message: Json) -> Json:
        return await read(self.post.client, f"/ticket-messages/{message['id']}")

    async def told(self, message: Json) -> list[str]:
        """What the journal has of a message."""
        await Sequencer(self.house.pool).number_all()
        found = await read(self.post.client, "/audit-records", object_id=message["id"], limit=200)
        return [one["type"].partition(".")[2] for one in found["data"]][::-1]


@pytest.fixture
async def office(settings: Settings) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(mail_server())
        found = await stack.enter_async_context(receiver())
        allowed = applications(settings, egress_allow=f"{server.allowed}, {found.allowed}")
        (app,) = await stack.enter_async_context(allowed)
        _, key = await tenant_and_key(app.state.house)
        client = await stack.enter_async_context(client_of(app, key))
        smtp = {"host": "127.0.0.1", "port": server.port, "security": "none"}
        by_mail = {"kind": "email", "address": "service@example.com", "auto_ack": True}
        signed_in = {"username": USER, "password": PASSWORD}
        post = await counter(client, smtp={**smtp, **signed_in}, **by_mail)
        chat = await counter(client, kind="web_chat", outbound_url=found.url)
        await client.patch(post.place, json={"auto_ack": False})
        yield Office(post, chat, app.state.house, server, found)


async def test_an_answer_leaves_by_mail_in_the_thread(office: Office) -> None:
    first = await office.post.took(mail(Message_ID="<1@mail.example.com>"))
    ticket = await office.post.ticket(first)
    reply = await office.replied(first, html="<p>We are coming.</p>")
    assert (reply["delivery"], reply["delivery_attempts"]) == ("queued", 0)
    assert office.server.came == []
    await office.leave()
    [letter] = office.server.letters
    assert [box.address for box in letter.to] == ["wang.fang@example.com"]
    assert letter.from_
    assert letter.from_.address == "service@example.com"
    assert letter.subject == f"Re: The filler leaks [{ticket['number']}]"
    assert (letter.text, letter.html) == ("We are coming.", "<p>We are coming.</p>")
    assert letter.in_reply_to == "1@mail.example.com"
    assert letter.references == ("1@mail.example.com",)
    assert letter.automatic is None
    sent = await office.now(reply)
    assert sent == sent | {
        "delivery": "sent",
        "delivery_attempts": 1,
        "delivery_error": None,
        "external_id": letter.message_id,
    }
    assert sent["delivered_at"] >= reply["created_at"]
    assert await office.told(reply) == ["sent", "delivered"]
    await office.leave()
    assert len(office.server.came) == 1


async def test_what_answers_our_mail_comes_back_to_the_ticket(office: Office) -> None:
    first = await office.post.took(mail())
    await office.replied(first)
    await office.leave()
    [letter] = office.server.letters
    answer = await office.post.took(mail(In_Reply_To=f"<{letter.message_id}>"))
    assert answer["ticket_id"] == first["ticket_id"]
    await office.replied(first, "And now?")
    await office.leave()
    assert letter.message_id in office.server.letters[1].references


async def test_an_answer_in_a_chat_leaves_by_a_signed_request(office: Office) -> None:
    said = {"external_id": "m-1", "from": {"visitor": "v-1"}, "text": "Hello"}
    first = took(await office.chat.wrote(**said))
    reply = await office.replied(first, "Good morning.")
    await office.leave()
    [request] = office.receiver.came
    told = Webhook(office.chat.channel["secret"]).verify(request.body, request.headers)
    assert (told["text"], told["to"][0]["address"], told["in_reply_to"]) == (
        "Good morning.",
        "v-1",
        "m-1",
    )
    assert (await office.now(reply))["delivery"] == "sent"


async def test_notes_and_answers_without_a_channel_stay_here(office: Office) -> None:
    first = await office.post.took(mail())
    noted = await office.post.client.post(
        f"/tickets/{first['ticket_id']}/note", json={"text": "He is angry."}
    )
    called = await office.replied(first, channel="phone")
    assert noted.json()["delivery"] is called["delivery"] is None
    await office.leave()
    assert office.server.came == []


async def test_copies_go_to_those_who_are_named(office: Office) -> None:
    first = await office.post.took(mail())
    path = f"/tickets/{first['ticket_id']}"
    points = [{"kind": "email", "value": "Sun@example.com"}]
    person = {"kind": "person", "name": "孙悟空", "contact_points": points}
    copied = (await office.post.client.post("/customers", json=person)).json()["id"]
    said = {"cc_emails": ["li.na@example.com"], "cc_ids": [copied]}
    assert (await office.post.client.patch(path, json=said)).status_code == 200
    await office.replied(first)
    await office.leave()
    [letter] = office.server.letters
    assert [box.address for box in letter.cc] == ["li.na@example.com", "sun@example.com"]


async def test_who_breaks_into_a_thread_is_not_answered(office: Office) -> None:
    """Whoever knows an id may write; answers go to the requester all the same."""
    first = await office.post.took(mail(Message_ID="<1@mail.example.com>"))
    await office.post.took(mail(From="eve@example.com", In_Reply_To="<1@mail.example.com>"))
    await office.replied(first)
    await office.leave()
    [letter] = office.server.letters
    assert [box.address for box in letter.to] == ["wang.fang@example.com"]


async def test_what_is_not_taken_now_is_tried_again(office: Office) -> None:
    first = await office.post.took(mail())
    reply = await office.replied(first)
    office.server.answers["DATA"] = "451 later"
    await office.leave()
    now = await office.now(reply)
    assert now == now | {
        "delivery": "queued",
        "delivery_attempts": 1,
        "delivery_error": "refused",
        "delivered_at": None,
    }
    del office.server.answers["DATA"]
    await office.leave()
    assert office.server.came == []
    await later(office.post.client, 60)
    await office.leave()
    assert len(office.server.came) == 1
    sent = await office.now(reply)
    assert (sent["delivery"], sent["delivery_attempts"]) == ("sent", 2)
    assert await office.told(reply) == ["sent", "delayed", "delivered"]


async def test_what_is_refused_for_good_has_failed(office: Office) -> None:
    first = await office.post.took(mail())
    reply = await office.replied(first)
    office.server.answers["RCPT"] = "550 nobody"
    await office.leave()
    now = await office.now(reply)
    assert (now["delivery"], now["delivery_error"]) == ("failed", "refused")
    assert await office.told(reply) == ["sent", "delivery_failed"]
    del office.server.answers["RCPT"]
    await later(office.post.client, 86_400)
    await office.leave()
    assert office.server.came == []


async def test_what_never_succeeds_is_given_up(office: Office) -> None:
    first = await office.post.took(mail())
    reply = await office.replied(first)
    office.server.answers["DATA"] = "451 later"
    for _ in SCHEDULE:
        await office.leave()
        await later(office.post.client, 120_000)
    now = await office.now(reply)
    assert (now["delivery"], now["delivery_attempts"]) == ("failed", len(SCHEDULE))


async def test_a_channel_that_is_closed_meanwhile_sends_nothing(office: Office) -> None:
    first = await office.post.took(mail())
    reply = await office.replied(first)
    await office.post.client.post(f"{office.post.place}/archive")
    await office.leave()
    now = await office.now(reply)
    assert (now["delivery"], now["delivery_error"]) == ("failed", "channel_closed")
    assert (now["delivery_attempts"], office.server.came) == (0, [])
    later_ = await office.replied(first, "Hello?")
    assert later_["delivery"] is None


async def test_a_worker_that_is_killed_after_sending_sends_the_same_again(office: Office) -> None:
    first = await office.post.took(mail())
    reply = await office.replied(first)
    leases = Leases(office.house.pool, LEAVE, 0.0, 4)
    [lost] = await leases.claim(1)
    killed = await Leaving(office.house)._parcel(lost)
    assert killed
    await killed.send()
    await office.leave()
    one, two = office.server.letters
    assert one.message_id == two.message_id
    assert (one.text, one.subject) == (two.text, two.subject)
    assert (await office.now(reply))["delivery_attempts"] == 1
    with pytest.raises(LeaseLost):
        await Leaving(office.house)(lost)
    assert (await office.now(reply))["delivery_attempts"] == 1


async def test_what_kills_its_workers_is_given_up(office: Office, admin: Admin) -> None:
    first = await office.post.took(mail())
    reply = await office.replied(first)
    id = TICKET_MESSAGE.prefix.read(reply["id"])
    await admin.execute("UPDATE timers SET attempts = 50 WHERE id = $1", id)
    await office.leave()
    now = await office.now(reply)
    assert (now["delivery"], now["delivery_error"]) == ("failed", "internal")
    assert office.server.came == []


async def test_a_bounce_is_noted_where_the_answer_is(office: Office) -> None:
    first = await office.post.took(mail())
    await office.replied(first, then="resolved")
    await office.leave()
    [sent] = office.server.came
    raw = mail("Return-Path: <>", From="MAILER-DAEMON@example.com", body="No such user.\r\n\r\n")
    noted = await office.post.took(raw + bytes(sent.original_content or b""), "noted")
    assert noted["ticket_id"] == first["ticket_id"]
    assert (await office.post.messages(first))[-1]["is_public"] is False
    assert (await office.post.ticket(first))["category"] == "resolved"


async def test_a_rehearsed_answer_does_not_leave(office: Office) -> None:
    first = await office.post.took(mail())
    path = f"/tickets/{first['ticket_id']}/reply"
    headers = {"Crm-Dry-Run": "true"}
    told = await office.post.client.post(path, json={"text": "Hello"}, headers=headers)
    assert told.json()["delivery"] == "queued"
    await office.leave()
    assert office.server.came == []


async def _acknowledging(office: Office) -> None:
    await office.post.client.patch(office.post.place, json={"auto_ack": True})


async def test_who_writes_is_told_once_for_a_ticket_that_it_has_arrived(office: Office) -> None:
    await _acknowledging(office)
    raw = mail(Message_ID="<1@mail.example.com>")
    first = await office.post.took(raw)
    await office.post.took(raw, "known")
    await office.post.took(mail(In_Reply_To="<1@mail.example.com>"))
    await office.leave()
    [letter] = office.server.letters
    ticket = await office.post.ticket(first)
    assert ticket["number"] in letter.text
    assert ticket["number"] in letter.subject
    assert letter.automatic == "auto_submitted"
    assert letter.in_reply_to == "1@mail.example.com"
    assert ticket["first_replied_at"] is ticket["last_agent_message_at"] is None
    word = next(one for one in await office.post.messages(first) if one["direction"] == "out")
    assert word == word | {"is_automatic": True, "is_public": True, "user_id": None}


@pytest.mark.parametrize(
    "header", ["Auto-Submitted: auto-generated", "Precedence: list", "List-Id: <x.example.com>"]
)
async def test_machines_are_not_told_that_something_has_arrived(
    office: Office, header: str
) -> None:
    await _acknowledging(office)
    receipt = await office.post.took(mail(header))
    await office.leave()
    assert len(await office.post.messages(receipt)) == 1
    assert office.server.came == []


async def test_two_machines_do_not_thank_each_other_for_ever(office: Office) -> None:
    await _acknowledging(office)
    for number in range(ACKNOWLEDGED_A_DAY + 3):
        await office.post.took(mail(Subject=f"Thank you, {number}"))
    await office.leave()
    assert len(office.server.came) == ACKNOWLEDGED_A_DAY


@given(
    st.integers(1, 30),
    st.booleans(),
    st.sampled_from(list(SendTrouble)),
    st.floats(0.8, 1.2),
)
def test_an_attempt_ends_in_one_way(
    tries: int, final: bool, trouble: SendTrouble, jitter: float
) -> None:
    found = ending(Unsent(trouble, is_final=final), tries, NOW, jitter)
    over = final or tries >= len(SCHEDULE)
    assert found.state == (Delivery.failed if over else Delivery.queued)
    assert (found.next_at is None) == over
    assert found.error == trouble.value
    assert found.next_at is None or found.next_at > NOW
    assert ending(None, tries, NOW, jitter).state == Delivery.sent
