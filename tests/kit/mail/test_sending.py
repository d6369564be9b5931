"""Mail that leaves, taken by a real server."""

import ssl
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.kit.egress import Egress, allowances
from crm_api.kit.mail.automatic import Ours
from crm_api.kit.mail.building import mime
from crm_api.kit.mail.letters import Automatic, Mailbox
from crm_api.kit.mail.outgoing import Outgoing, SendTrouble, Unsent
from crm_api.kit.mail.reading import read
from crm_api.kit.mail.servers import Security, Server
from crm_api.kit.mail.smtp import Smtp
from crm_api.kit.outbound import Outbound
from tests.certificates import certified
from tests.mailing import PASSWORD, USER, MailServer, mail_server

NAME = "mail.example.com"
REPLY = Outgoing(
    id=f"thread.{'a' * 32}.{'b' * 32}@service.example.com",
    at=datetime(2026, 11, 27, 8, tzinfo=UTC),
    from_=Mailbox("客服中心", "service@example.com"),
    to=(Mailbox("张三, 上海", "zhang@example.com"),),
    cc=(Mailbox("", "li@example.com"),),
    subject="回复：关于订单的投诉，以及所有其他在电话中提到的、尚未解决的问题 [TIC-2026-000001]",
    text="您好，\n\n已经处理。\n.\n再见",
    html="<p>您好</p>",
    in_reply_to="1@qq.com",
    references=("0@qq.com", "1@qq.com"),
    mark="word",
)


async def _found(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def _smtp(
    server: MailServer,
    security: Security = Security.none,
    trust: ssl.SSLContext | None = None,
    **more: str,
) -> Smtp:
    outbound = Outbound(Egress(allowances(server.allowed)), _found, trust)
    return Smtp(outbound, Server(NAME, server.port, security, **more))


async def test_a_reply_arrives_as_it_was_sent() -> None:
    async with mail_server() as server:
        sent = await _smtp(server).send(REPLY)
    [letter], [envelope] = server.letters, server.came
    assert (sent.external_id, sent.refused) == (REPLY.id, ())
    assert (envelope.mail_from, envelope.rcpt_tos) == (
        "service@example.com",
        ["zhang@example.com", "li@example.com"],
    )
    assert (letter.message_id, letter.in_reply_to, letter.references) == (
        REPLY.id,
        REPLY.in_reply_to,
        REPLY.references,
    )
    assert (letter.from_, letter.to, letter.cc) == (REPLY.from_, REPLY.to, REPLY.cc)
    assert (letter.subject, letter.sent_at) == (REPLY.subject, REPLY.at)
    assert (letter.text, letter.html) == (REPLY.text, REPLY.html)
    assert letter.automatic is None


def test_what_we_sent_is_known_when_it_comes_back() -> None:
    raw = mime(replace(REPLY, is_automatic=True))
    assert read(raw, Ours(mark="word")).is_loop
    assert not read(raw, Ours(mark="other")).is_loop
    assert read(raw).automatic == Automatic.auto_submitted


def test_a_long_conversation_is_referred_to_by_its_beginning_and_its_end() -> None:
    ids = tuple(f"{number}@example.com" for number in range(100))
    letter = read(mime(replace(REPLY, references=ids, in_reply_to=ids[-1])))
    assert letter.references == (ids[0], *ids[-19:])


@pytest.mark.parametrize("security", [Security.starttls, Security.tls])
async def test_mail_goes_over_tls_to_the_server_of_the_name(
    security: Security, tmp_path: Path
) -> None:
    server_side, trust = certified(tmp_path, NAME)
    where = {str(security): server_side}
    async with mail_server(**where) as server:
        await _smtp(server, security, trust, username=USER, password=PASSWORD).send(REPLY)
    assert len(server.came) == 1


async def test_a_certificate_of_another_name_gets_no_mail(tmp_path: Path) -> None:
    server_side, trust = certified(tmp_path, "else.example.com")
    async with mail_server(tls=server_side) as server:
        assert await _trouble(_smtp(server, Security.tls, trust)) == (SendTrouble.tls, False)
    async with mail_server(starttls=server_side) as other:
        assert await _trouble(_smtp(other, Security.starttls, trust)) == (SendTrouble.tls, False)
    assert server.came == other.came == []


async def test_nothing_is_sent_in_the_clear_where_tls_was_wanted() -> None:
    async with mail_server() as server:
        wanted = _smtp(server, Security.starttls, ssl.create_default_context())
        assert await _trouble(wanted) == (SendTrouble.tls, False)
    assert server.came == []


async def test_a_wrong_password_is_told() -> None:
    async with mail_server() as server:
        wrong = _smtp(server, username=USER, password="wrong")
        assert await _trouble(wrong) == (SendTrouble.sign_in, False)
        assert server.came == []
        await _smtp(server, username=USER, password=PASSWORD).send(REPLY)
    assert len(server.came) == 1


@pytest.mark.parametrize(
    ("command", "answer", "is_final"),
    [
        ("DATA", "451 later", False),
        ("DATA", "554 spam", True),
        ("RCPT", "450 greylisted", False),
        ("RCPT", "550 unknown", True),
    ],
)
async def test_a_refusal_is_for_good_or_for_now(command: str, answer: str, is_final: bool) -> None:
    async with mail_server() as server:
        server.answers[command] = answer
        assert await _trouble(_smtp(server)) == (SendTrouble.refused, is_final)
    assert server.came == []


async def test_whatever_a_server_says_can_be_kept() -> None:
    async with mail_server() as server:
        server.answers["DATA"] = "554 \udcff\x00 垃圾"
        with pytest.raises(Unsent) as told:
            await _smtp(server).send(REPLY)
    told.value.said.encode()
    assert "\0" not in told.value.said


async def test_one_of_two_recipients_may_be_unknown() -> None:
    async with mail_server() as server:
        server.answers["li@example.com"] = "550 unknown"
        sent = await _smtp(server).send(REPLY)
    assert sent.refused == ("li@example.com",)
    assert server.came[0].rcpt_tos == ["zhang@example.com"]


async def test_what_was_taken_is_sent_however_the_server_says_good_bye() -> None:
    async with mail_server() as server:
        server.answers["QUIT"] = "421 no"
        await _smtp(server).send(REPLY)
    assert len(server.came) == 1


async def test_a_server_that_hangs_is_given_up() -> None:
    async with mail_server() as server:
        server.answers["hang"] = "yes"
        assert await _trouble(replace(_smtp(server), seconds=0.3)) == (SendTrouble.timeout, False)


async def test_a_server_that_is_gone_is_told() -> None:
    async with mail_server() as server:
        gone = _smtp(server)
    assert await _trouble(gone) == (SendTrouble.no_connection, False)


@pytest.mark.parametrize("host", [NAME, "127.0.0.1", "localhost", "a b", "a/b", "a@b", "[::1]", ""])
async def test_no_mail_server_inside_is_asked_unless_it_is_allowed(host: str) -> None:
    async with mail_server() as server:
        for security in Security:
            at = Server(host, server.port, security)
            outbound = Outbound(Egress(), _found, ssl.create_default_context())
            assert await _trouble(Smtp(outbound, at)) == (SendTrouble.not_allowed, True)
    assert server.came == []


@pytest.mark.parametrize(
    ("port", "security", "opens"),
    [
        (465, Security.tls, True),
        (587, Security.starttls, True),
        (587, Security.none, False),
        (25, Security.starttls, False),
        (443, Security.tls, False),
        (22, Security.tls, False),
    ],
)
def test_public_servers_are_reached_at_the_ports_for_mail(
    port: int, security: Security, opens: bool
) -> None:
    assert Egress().opens(Server(NAME, port, security).target) is opens


async def test_an_address_that_no_server_takes_is_refused_before_anything_is_sent() -> None:
    async with mail_server() as server:
        with pytest.raises(Unsent) as told:
            await _smtp(server).send(replace(REPLY, to=(Mailbox("", "张三@example.com"),)))
    assert told.value.is_final
    assert server.came == []


TEXTS = st.text(max_size=60)


@given(TEXTS, TEXTS, TEXTS)
def test_nobody_writes_headers_of_his_own(subject: str, name: str, id: str) -> None:
    message = replace(
        REPLY,
        subject=f"{subject}\r\nBcc: evil@example.com",
        to=(Mailbox(f"{name}\nBcc: evil@example.com", "zhang@example.com"),),
        in_reply_to=f"{id}\r\n\r\nBcc: evil@example.com",
    )
    head = mime(message).partition(b"\r\n\r\n")[0].lower()
    assert b"\nbcc:" not in head
    assert b"content-type: multipart/alternative" in head


async def _trouble(sender: Smtp) -> tuple[SendTrouble, bool]:
    with pytest.raises(Unsent) as told:
        await sender.send(REPLY)
    return told.value.trouble, told.value.is_final
