"""What comes in by web forms and chats, with a key or signed with the secret of the channel."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from pydantic_core import to_json

from tests.conftest import Unchanged
from tests.features.test_customers import refused

from .asking import wrong
from .writing import Counter, Json, counter, mail, read, signature, took


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Somebody without a key."""
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test/v1") as client:
        yield client


@pytest.fixture
async def form(client: AsyncClient) -> Counter:
    return await counter(client, kind="web_form")


@pytest.fixture
async def chat(client: AsyncClient) -> Counter:
    return await counter(client, kind="web_chat")


def filled(**said: Any) -> Json:
    told = {"name": "Wang Fang", "email": "Wang.Fang@example.com", "text": "The filler leaks."}
    return {**told, **said}


def said(text: str = "Hello", **more: Any) -> Json:
    of = {"external_id": uuid4().hex, "from": {"visitor": "v-1"}, "text": text}
    return {**of, **more}


async def signs(
    client: AsyncClient, desk: Counter, verb: str, body: bytes, **headers: str
) -> Response:
    kind = "message/rfc822" if verb == "inbound-mail" else "application/json"
    return await client.post(
        f"{desk.place}/{verb}",
        params={"key": desk.channel["inbound_key"]},
        content=body,
        headers={"Content-Type": kind, **headers},
    )


async def test_a_form_begins_a_ticket(form: Counter) -> None:
    receipt = took(await form.filled(**filled(subject="Leak", phone="138 0013 8000")))
    ticket = await form.ticket(receipt, expand="requester")
    assert (ticket["subject"], ticket["channel"]) == ("Leak", "web_form")
    points = [point["value"] for point in ticket["requester"]["contact_points"]]
    assert points == ["wang.fang@example.com", "+8613800138000"]
    [message] = await form.messages(receipt)
    assert (message["text"], message["address"]) == ("The filler leaks.", "wang.fang@example.com")


async def test_who_fills_in_a_form_is_known_by_his_phone(form: Counter) -> None:
    asked = {"name": "Wang Fang", "text": "Hello", "phone": "13800138000"}
    first, second = [took(await form.filled(**asked)) for _ in range(2)]
    assert first["ticket_id"] != second["ticket_id"]
    assert len((await read(form.client, "/customers"))["data"]) == 1


async def test_a_form_that_is_sent_twice_begins_one_ticket(form: Counter) -> None:
    asked = filled(external_id="form-1")
    first = took(await form.filled(**asked))
    assert took(await form.filled(**asked), "known") == first | {"outcome": "known"}


@pytest.mark.parametrize("signs_of", [{"trap": "https://spam.example"}, {"seconds": 1}])
async def test_what_a_machine_fills_in_is_dropped(
    form: Counter, signs_of: Json, nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        took(await form.filled(**filled(**signs_of)), "dropped")


async def test_who_fills_in_a_form_can_be_answered(
    form: Counter, nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        answer = await form.filled(name="Wang Fang", text="Hello")
        assert wrong(answer) == [("", "nobody")]
        answer = await form.filled(name="Wang Fang", text="Hello", phone="12345")
        assert wrong(answer) == [("/phone", "phone_invalid")]


async def test_what_a_visitor_writes_is_one_ticket_until_it_is_over(chat: Counter) -> None:
    first = took(await chat.wrote(**said("Hello")))
    second = took(await chat.wrote(**said("It leaks")))
    assert second["ticket_id"] == first["ticket_id"]
    assert [one["text"] for one in await chat.messages(first)] == ["Hello", "It leaks"]
    await chat.client.post(f"/tickets/{first['ticket_id']}/close", json={"reason": "resolved"})
    third = took(await chat.wrote(**said("It leaks again")))
    ticket = await chat.ticket(third)
    assert ticket["id"] != first["ticket_id"]
    assert ticket["subject"] == "It leaks again"
    assert ticket["requester_id"] == (await chat.ticket(first))["requester_id"]


async def test_a_visitor_at_once_is_one_customer_with_one_ticket(chat: Counter) -> None:
    sent = [said(f"No {n}") for n in range(6)]
    told = await asyncio.gather(*(chat.wrote(**one) for one in [*sent, *sent]))
    outcomes = sorted(answer.json()["outcome"] for answer in told)
    assert outcomes == ["known"] * 6 + ["received"] * 6
    assert len({answer.json()["ticket_id"] for answer in told}) == 1
    assert len((await read(chat.client, "/customers"))["data"]) == 1
    [ticket] = await chat.tickets()
    assert ticket["message_count"] == 6


async def test_a_message_belongs_to_the_one_that_it_answers(chat: Counter) -> None:
    first = took(await chat.wrote(**said("One", external_id="m-1")))
    await chat.client.post(f"/tickets/{first['ticket_id']}/resolve", json={})
    again = took(await chat.wrote(**said("Two", in_reply_to="m-1")))
    assert again["ticket_id"] == first["ticket_id"]
    assert (await chat.ticket(first))["category"] == "open"


async def test_who_writes_by_wechat_is_known_by_his_id(client: AsyncClient) -> None:
    point = {"kind": "wechat", "value": "wangfang_88"}
    person = {"kind": "person", "name": "王芳", "contact_points": [point]}
    known = (await client.post("/customers", json=person)).json()
    desk = await counter(client, kind="wechat")
    who = {"wechat": "wangfang_88", "visitor": "oLVPpjqs9BhvzwPj5A-vTYAX3GLc"}
    receipt = took(await desk.wrote(**said("你好", **{"from": who})))
    ticket = await desk.ticket(receipt)
    assert (ticket["requester_id"], ticket["channel"]) == (known["id"], "wechat")


async def test_nobody_writes_nothing(chat: Counter, nothing_changes: Unchanged) -> None:
    async with nothing_changes():
        answer = await chat.wrote(**{**said(), "from": {"name": "Wang Fang"}})
        assert wrong(answer) == [("/from", "nobody")]


@pytest.mark.parametrize("kind", ["web_chat", "wechat"])
async def test_who_has_the_secret_of_the_channel_needs_no_key(
    client: AsyncClient, stranger: AsyncClient, kind: str
) -> None:
    desk = await counter(client, kind=kind)
    body = to_json(said("Hello"))
    headers = signature(desk.channel["secret"], body)
    receipt = took(await signs(stranger, desk, "inbound-message", body, **headers))
    assert (await desk.ticket(receipt))["channel_id"] == desk.channel["id"]
    again = took(await signs(stranger, desk, "inbound-message", body, **headers), "known")
    assert again["message_id"] == receipt["message_id"]


async def test_mail_and_forms_are_signed_too(client: AsyncClient, stranger: AsyncClient) -> None:
    form = await counter(client, kind="web_form")
    body = to_json(filled())
    headers = signature(form.channel["secret"], body)
    took(await signs(stranger, form, "inbound-form", body, **headers))
    post = await counter(client, kind="email", address="service@example.com")
    raw = mail()
    headers = signature(post.channel["secret"], raw)
    took(await signs(stranger, post, "inbound-mail", raw, **headers))


async def test_both_secrets_sign_while_one_takes_over(chat: Counter, stranger: AsyncClient) -> None:
    rotated = await chat.client.post(f"{chat.place}/rotate-secret", json={"overlap_seconds": 60})
    for secret in (chat.channel["secret"], rotated.json()["secret"]):
        body = to_json(said())
        took(await signs(stranger, chat, "inbound-message", body, **signature(secret, body)))


@pytest.mark.parametrize(
    "flaw", ["none", "body", "secret", "old", "key", "id", "tenant", "archived"]
)
async def test_who_does_not_sign_is_refused(
    chat: Counter, stranger: AsyncClient, flaw: str, nothing_changes: Unchanged
) -> None:
    body, secret, sent = to_json(said()), chat.channel["secret"], b""
    at = datetime.now(UTC) - timedelta(minutes=6 if flaw == "old" else 0)
    other = await counter(chat.client, kind="web_chat")
    if flaw == "secret":
        secret = other.channel["secret"]
    if flaw == "key":
        chat.channel["inbound_key"] = "A" * 43
    if flaw == "tenant":
        chat.channel["inbound_key"] = _elsewhere(chat.channel["inbound_key"])
    if flaw == "id":
        chat.channel["inbound_key"] = other.channel["inbound_key"]
    if flaw == "archived":
        await chat.client.post(f"{chat.place}/archive")
    headers = {} if flaw == "none" else signature(secret, body, at)
    sent = body + b" " if flaw == "body" else body
    async with nothing_changes():
        answer = await signs(stranger, chat, "inbound-message", sent, **headers)
        refused(answer, 401, "unauthorized")


def _elsewhere(word: str) -> str:
    """The same channel of a tenant that is not there."""
    return "B" + word[1:]
