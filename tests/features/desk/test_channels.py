"""Channels: what each kind may have, what is never shown again, and how messages leave by them."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient, Response
from standardwebhooks import Webhook

from crm_api.cli.unit import operator
from crm_api.features.desk.channels.models import ChannelKind
from crm_api.features.desk.channels.resource import CHANNEL
from crm_api.features.desk.channels.rules import (
    Request,
    WayIn,
    WayOut,
    inbound_key,
    is_genuine,
    is_of_a_machine,
    new_secret,
    read_key,
)
from crm_api.features.desk.channels.service import ChannelService
from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.kit.egress import Egress, allowances
from crm_api.kit.errors import NotFound
from crm_api.kit.mail.letters import Mailbox
from crm_api.kit.mail.outgoing import Outgoing
from crm_api.kit.mail.reading import read
from crm_api.kit.outbound import Outbound
from crm_api.kit.signing import signed
from crm_api.kit.vault import MOST_SECRETS
from crm_api.platform.journal.sequencer import Sequencer
from crm_api.settings import Settings
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import refused
from tests.grouping import made
from tests.mailing import PASSWORD, USER, MailServer, mail_server
from tests.receiving import Receiver, receiver
from tests.serving import applications, client_of, tenant_and_key

Json = dict[str, Any]
SMTP: Json = {"host": "8.8.8.8", "port": 587, "username": USER, "password": PASSWORD}
MAIL: Json = {"name": "Service", "kind": "email", "address": "Service@Example.com"}
CHAT: Json = {"name": "Chat", "kind": "web_chat", "outbound_url": "https://8.8.8.8/answers"}


def _place(channel: Json, verb: str = "") -> str:
    return f"/channels/{channel['id']}{verb}"


def _pointers(answer: Response) -> list[str]:
    return [error["pointer"] for error in answer.json()["errors"]]


async def test_a_channel_is_read_as_it_was_made_but_for_its_secrets(client: AsyncClient) -> None:
    channel = await made(client, "/channels", {**MAIL, "smtp": SMTP, "auto_ack": True})
    secret = channel.pop("secret")
    assert len(b64decode(secret.removeprefix("whsec_"))) == 32
    assert channel["address"] == "service@example.com"
    assert channel["smtp"] == {
        "host": "8.8.8.8",
        "port": 587,
        "security": "starttls",
        "username": USER,
        "has_password": True,
    }
    shown = await client.get(_place(channel))
    assert shown.json() == channel
    listed = await client.get("/channels", params={"kind": "email"})
    assert listed.json()["data"] == [channel]
    for text in (shown.text, listed.text):
        assert secret not in text
        assert PASSWORD not in text


async def test_nothing_that_is_kept_tells_the_secret_or_the_password(
    client: AsyncClient, admin: "Admin[Any]", house: House
) -> None:
    channel = await made(client, "/channels", {**MAIL, "smtp": SMTP})
    await Sequencer(house.pool).number_all()
    history = await client.get(_place(channel, "/history"))
    [event] = history.json()["data"]
    assert event["type"] == "channel.created"
    id = CHANNEL.prefix.read(channel["id"])
    rows = await admin.fetch("SELECT c::text FROM channels c WHERE id = $1", id)
    rows += await admin.fetch("SELECT e::text FROM events e WHERE object_id = $1", id)
    assert len(rows) == 2
    for text in (history.text, *(row[0] for row in rows)):
        assert channel["secret"] not in text
        assert PASSWORD not in text


async def test_a_wechat_channel_has_a_token_that_wechat_takes(client: AsyncClient) -> None:
    channel = await made(client, "/channels", {"name": "WeChat", "kind": "wechat"})
    assert channel["secret"].isalnum()
    assert len(channel["secret"]) == 32


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"name": "A", "kind": "email"}, "/address"),
        ({"name": "A", "kind": "web_form", "smtp": SMTP}, "/address"),
        ({"name": "A", "kind": "wechat", "address": "a@example.com"}, "/address"),
        ({"name": "A", "kind": "web_chat", "smtp": SMTP}, "/smtp"),
        ({**MAIL, "outbound_url": "https://8.8.8.8/"}, "/outbound_url"),
        ({**MAIL, "address": "zhubajie"}, "/address"),
        ({**MAIL, "kind": "fax"}, "/kind"),
        ({**MAIL, "smtp": {**SMTP, "password": None}}, "/smtp"),
        ({**MAIL, "smtp": {**SMTP, "username": None}}, "/smtp"),
        ({**MAIL, "smtp": {**SMTP, "port": 0}}, "/smtp/port"),
        ({**MAIL, "smtp": {**SMTP, "host": "a b"}}, "/smtp/host"),
        ({**MAIL, "smtp": {**SMTP, "host": "a@b"}}, "/smtp/host"),
        ({**MAIL, "smtp": {**SMTP, "security": "ssl"}}, "/smtp/security"),
        ({**MAIL, "smtp": {**SMTP, "host": "127.0.0.1"}}, "/smtp/host"),
        ({**MAIL, "smtp": {**SMTP, "host": "169.254.169.254"}}, "/smtp/host"),
        ({**MAIL, "smtp": {**SMTP, "host": "mail.internal"}}, "/smtp/host"),
        ({**MAIL, "smtp": {**SMTP, "host": "2130706433"}}, "/smtp/host"),
        ({**MAIL, "smtp": {**SMTP, "port": 22}}, "/smtp/host"),
        ({**MAIL, "smtp": {**SMTP, "security": "none"}}, "/smtp/host"),
        ({**CHAT, "outbound_url": "https://127.0.0.1/"}, "/outbound_url"),
        ({**CHAT, "outbound_url": "http://8.8.8.8/"}, "/outbound_url"),
        ({**MAIL, "business_unit_id": f"bun_{'0' * 32}"}, "/business_unit_id"),
    ],
    ids=str,
)
async def test_a_channel_that_cannot_be_so_is_refused(
    client: AsyncClient, nothing_changes: Unchanged, said: Json, pointer: str
) -> None:
    async with nothing_changes():
        answer = await client.post("/channels", json=said)
    assert answer.status_code == 422, answer.text
    assert _pointers(answer) == [pointer]


async def test_what_a_change_would_break_is_refused(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    channel = await made(client, "/channels", {**MAIL, "smtp": SMTP})
    async with nothing_changes():
        for said, pointer in (
            ({"address": None}, "/address"),
            ({"outbound_url": "https://8.8.8.8/"}, "/outbound_url"),
            ({"smtp": {**SMTP, "host": "10.0.0.1"}}, "/smtp/host"),
            ({"kind": "web_form"}, "/kind"),
            ({"secret": "whsec_x"}, "/secret"),
        ):
            answer = await client.patch(_place(channel), json=said)
            assert (answer.status_code, _pointers(answer)) == (422, [pointer]), answer.text


async def test_a_mail_server_is_changed_all_at_once(client: AsyncClient) -> None:
    channel = await made(client, "/channels", {**MAIL, "smtp": SMTP})
    elsewhere = await client.patch(_place(channel), json={"smtp": {"host": "8.8.4.4", "port": 465}})
    assert elsewhere.json()["smtp"]["has_password"] is False
    renamed = await client.patch(_place(channel), json={"name": "客服"})
    assert renamed.json()["smtp"] == elsewhere.json()["smtp"]
    without = await client.patch(_place(channel), json={"smtp": None})
    assert (without.status_code, without.json()["smtp"]) == (200, None)


async def test_one_live_channel_receives_the_mail_of_an_address(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    first = await made(client, "/channels", MAIL)
    second = {**MAIL, "name": "Other", "address": "SERVICE@example.COM"}
    async with nothing_changes():
        answer = await client.post("/channels", json=second)
    assert _pointers(answer) == ["/address"]
    assert refused(answer, 409, "duplicate-value")
    await client.post(_place(first, "/archive"))
    other = await made(client, "/channels", second)
    async with nothing_changes():
        back = await client.post(_place(first, "/restore"))
    refused(back, 409, "duplicate-value")
    assert (await client.get(_place(other))).json()["state"] == "live"


async def test_of_many_at_once_one_has_the_address(client: AsyncClient) -> None:
    answers = await asyncio.gather(
        *[client.post("/channels", json={**MAIL, "name": f"No. {n}"}) for n in range(10)]
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9


async def test_names_are_unique(client: AsyncClient, nothing_changes: Unchanged) -> None:
    await made(client, "/channels", {"name": "Form", "kind": "web_form"})
    async with nothing_changes():
        answer = await client.post("/channels", json={"name": "Form", "kind": "web_chat"})
    assert _pointers(answer) == ["/name"]
    refused(answer, 409, "duplicate-value")


async def test_secrets_are_rotated_and_some_are_in_use_at_most(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    channel = await made(client, "/channels", CHAT)
    rotate, secrets = _place(channel, "/rotate-secret"), {channel["secret"]}
    for number in range(2, MOST_SECRETS + 1):
        rotated = await client.post(rotate, json={"overlap_seconds": 3600})
        assert (rotated.status_code, rotated.json()["version"]) == (200, number)
        secrets.add(rotated.json()["secret"])
    assert len(secrets) == MOST_SECRETS
    async with nothing_changes():
        refused(await client.post(rotate, json={"overlap_seconds": 3600}), 409, "conflict")
    await client.post("/sandbox/clock/advance", json={"seconds": 3601})
    alone = await client.post(rotate, json={"overlap_seconds": 0})
    assert (alone.status_code, alone.json()["old_secrets_until"]) == (200, None)


async def test_an_archived_channel_is_read_and_not_changed(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    channel = await made(client, "/channels", CHAT)
    archived = (await client.post(_place(channel, "/archive"))).json()
    assert archived["state"] == "archived"
    async with nothing_changes():
        for answer in (
            await client.patch(_place(channel), json={"name": "B"}),
            await client.post(_place(channel, "/rotate-secret"), json={}),
        ):
            refused(answer, 409, "conflict")
    assert (await client.get("/channels")).json()["data"] == []
    assert (await client.get("/channels?state=archived")).json()["data"] == [archived]


async def test_who_only_reads_channels_changes_none(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    channel = await made(await caller(tenant=tenant), "/channels", CHAT)
    reader = await caller("channels:read", tenant=tenant)
    assert (await reader.get(_place(channel))).status_code == 200
    async with nothing_changes():
        for answer in (
            await reader.post("/channels", json=MAIL),
            await reader.patch(_place(channel), json={"name": "B"}),
            await reader.post(_place(channel, "/rotate-secret"), json={}),
            await reader.post(_place(channel, "/archive")),
        ):
            refused(answer, 403, "forbidden")
    stranger = await caller("customers:read", tenant=tenant)
    assert (await stranger.get("/channels")).status_code == 403


async def test_a_key_names_the_tenant_and_the_channel(
    caller: NewClient, new_tenant_: NewTenant
) -> None:
    tenant = await new_tenant_()
    channel = await made(await caller(tenant=tenant), "/channels", CHAT)
    key = channel["inbound_key"]
    id = CHANNEL.prefix.read(channel["id"])
    assert read_key(key) == (tenant.id, id)
    assert inbound_key(tenant.id, id) == key
    for wrong in ("", "A", key[:-1], key + "=", key + "A", key[:-1] + "!", "ü" * 43, key + "\n"):
        assert read_key(wrong) is None


@pytest.mark.parametrize(
    ("trap", "seconds", "machine"),
    [
        (None, None, False),
        ("", 30.0, False),
        ("  ", 30.0, False),
        ("https://spam.example", 30.0, True),
        (None, 0.4, True),
    ],
)
def test_forms_that_no_person_fills_in_are_known(
    trap: str | None, seconds: float | None, machine: bool
) -> None:
    assert is_of_a_machine(trap, seconds) is machine


NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
BODY = '{"text": "您好"}'


def _way(kind: ChannelKind, *secrets: str) -> WayIn:
    return WayIn(CHANNEL.prefix.read(f"chn_{'0' * 32}"), kind, None, None, False, secrets)


@pytest.mark.parametrize("kind", [ChannelKind.email, ChannelKind.web_chat, ChannelKind.wechat])
def test_what_comes_in_is_signed_with_a_secret_of_the_channel(kind: ChannelKind) -> None:
    old, new, other = (new_secret(kind) for _ in range(3))
    for secret, is_right in ((old, True), (new, True), (other, False)):
        request = Request(signed([secret], "1", NOW, BODY), {}, BODY.encode())
        assert is_genuine(_way(kind, old, new), request, NOW) is is_right
    assert not is_genuine(_way(kind, old), Request({}, {}, BODY.encode()), NOW)


def test_wechat_signs_in_its_own_way_and_everybody_may_send_a_form() -> None:
    token, timestamp = new_secret(ChannelKind.wechat), str(int(NOW.timestamp()))
    right = sha1("".join(sorted([token, timestamp, "n"])).encode()).hexdigest()
    query = {"timestamp": timestamp, "nonce": "n", "signature": right}
    request = Request({}, query, b"<xml/>")
    assert is_genuine(_way(ChannelKind.wechat, "0" * 32, token), request, NOW)
    assert not is_genuine(_way(ChannelKind.wechat, "0" * 32), request, NOW)
    assert not is_genuine(_way(ChannelKind.web_chat, token), request, NOW)
    assert is_genuine(_way(ChannelKind.web_form), Request({}, {}, b""), NOW)


@dataclass
class Desk:
    """An application that may send to a mail server and a receiver on this machine."""

    client: AsyncClient
    house: House
    tenant: Tenant
    mail: MailServer
    chat: Receiver

    async def way_out(self, channel: Json) -> WayOut | None:
        service = ChannelService(operator(self.house, self.tenant))
        return await service.way_out(CHANNEL.prefix.read(channel["id"]))


@pytest.fixture
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        mail = await stack.enter_async_context(mail_server())
        chat = await stack.enter_async_context(receiver())
        allowed = applications(settings, egress_allow=f"{mail.allowed}, {chat.allowed}")
        (app,) = await stack.enter_async_context(allowed)
        tenant, key = await tenant_and_key(app.state.house)
        client = await stack.enter_async_context(client_of(app, key))
        yield Desk(client, app.state.house, tenant, mail, chat)


def _answer(way: WayOut, to: str) -> Outgoing:
    return Outgoing(
        id=f"1@{way.domain}",
        at=datetime(2026, 11, 27, 8, tzinfo=UTC),
        from_=way.from_,
        to=(Mailbox("", to),),
        subject="您好",
        text="已经处理。",
        mark=way.mark,
    )


async def test_mail_leaves_by_the_server_of_the_channel_and_is_known_when_it_comes_back(
    desk: Desk,
) -> None:
    server = {**SMTP, "host": "127.0.0.1", "port": desk.mail.port, "security": "none"}
    channel = await made(desk.client, "/channels", {**MAIL, "smtp": server})
    way = await desk.way_out(channel)
    assert way is not None
    await way.transport.send(_answer(way, "zhang@example.com"))
    [letter], [envelope] = desk.mail.letters, desk.mail.came
    assert letter.from_ == Mailbox("Service", "service@example.com")
    assert (letter.text, letter.message_id) == ("已经处理。", "1@example.com")
    ours = await ChannelService(operator(desk.house, desk.tenant)).ours()
    assert read(bytes(envelope.original_content or b""), ours).is_loop
    assert read(b"From: service@example.com\n\nHello", ours).is_loop
    assert not read(b"From: zhang@example.com\n\nHello", ours).is_loop


@pytest.mark.parametrize("kind", ["web_chat", "wechat"])
async def test_messages_leave_by_signed_requests_with_the_old_secret_too(
    desk: Desk, kind: str
) -> None:
    said = {**CHAT, "kind": kind, "outbound_url": desk.chat.url}
    channel = await made(desk.client, "/channels", said)
    rotated = await desk.client.post(_place(channel, "/rotate-secret"), json={})
    way = await desk.way_out(channel)
    assert way is not None
    await way.transport.send(_answer(way, "openid-1"))
    [request] = desk.chat.came
    for secret in (channel["secret"], rotated.json()["secret"]):
        told = Webhook(secret).verify(request.body, request.headers)
        assert told["text"] == "已经处理。"


async def test_a_channel_without_a_way_out_has_none_and_an_archived_one_is_not_there(
    desk: Desk,
) -> None:
    channel = await made(desk.client, "/channels", MAIL)
    assert await desk.way_out(channel) is None
    id = CHANNEL.prefix.read(channel["id"])
    service = ChannelService(operator(desk.house, desk.tenant))
    way = await service.way_in(id)
    assert (way.kind, way.address, way.auto_ack) == ("email", "service@example.com", False)
    assert way.secrets == [channel["secret"]]
    await desk.client.post(_place(channel, "/archive"))
    for asked in (service.way_in, service.way_out):
        with pytest.raises(NotFound):
            await asked(id)
    assert (await service.ours()).addresses == frozenset()


async def test_an_address_that_the_server_may_reach_no_longer_gets_nothing(desk: Desk) -> None:
    channel = await made(desk.client, "/channels", {**CHAT, "outbound_url": desk.chat.url})
    closed = replace(desk.house, outbound=Outbound(Egress(allowances("127.0.0.1:1"))))
    service = ChannelService(operator(closed, desk.tenant))
    way = await service.way_out(CHANNEL.prefix.read(channel["id"]))
    assert way is not None
    with pytest.raises(Exception, match="not_allowed"):
        await way.transport.send(_answer(way, "openid-1"))
    assert desk.chat.came == []
