"""Messages by signed requests, and how those that come in are verified."""

from datetime import UTC, datetime, timedelta
from hashlib import sha1

import pytest
from pydantic_core import from_json
from standardwebhooks import Webhook

from crm_api.kit.egress import Egress, allowances
from crm_api.kit.mail.letters import Mailbox
from crm_api.kit.mail.outgoing import Outgoing, SendTrouble, Sent, Unsent
from crm_api.kit.mail.posted import SignedPost
from crm_api.kit.outbound import Outbound
from crm_api.kit.signing import is_signed, is_signed_by_wechat, new_secret, signed
from tests.receiving import Receiver, receiver

SECRET, OTHER = new_secret(), new_secret()
NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
MESSAGE = Outgoing(
    id="msg_1",
    at=NOW,
    from_=Mailbox("客服", "desk"),
    to=(Mailbox("张三", "openid-1"),),
    subject="",
    text="您好",
)


async def _sent(to: Receiver, allowed: str | None = None) -> Sent:
    outbound = Outbound(Egress(allowances(to.allowed if allowed is None else allowed)))
    try:
        return await SignedPost(outbound, to.url, [OTHER, SECRET], seconds=2).send(MESSAGE)
    finally:
        await outbound.close()


async def test_a_message_arrives_signed() -> None:
    async with receiver() as to:
        sent = await _sent(to)
    [came] = to.came
    assert sent.external_id == came.headers["webhook-id"] == "msg_1"
    told = from_json(came.body)
    assert Webhook(SECRET).verify(came.body, came.headers) == told
    assert (told["text"], told["to"]) == ("您好", [{"name": "张三", "address": "openid-1"}])


@pytest.mark.parametrize(
    ("status", "is_final"), [(400, True), (410, True), (429, False), (500, False), (302, False)]
)
async def test_a_refusal_is_for_good_or_for_now(status: int, is_final: bool) -> None:
    async with receiver() as to:
        to.answers(status)
        with pytest.raises(Unsent) as told:
            await _sent(to)
    assert (told.value.trouble, told.value.is_final) == (SendTrouble.refused, is_final)


async def test_nothing_inside_is_asked() -> None:
    async with receiver() as to:
        with pytest.raises(Unsent) as told:
            await _sent(to, allowed="")
    assert told.value.trouble == SendTrouble.not_allowed
    assert to.came == []


async def test_no_answer_is_told() -> None:
    async with receiver() as to:
        to.drops()
        with pytest.raises(Unsent) as told:
            await _sent(to)
    assert (told.value.trouble, told.value.is_final) == (SendTrouble.no_answer, False)


BODY = '{"text": "您好"}'


def test_what_was_signed_just_now_is_taken() -> None:
    headers = signed([SECRET], "id-1", NOW, BODY)
    assert is_signed([OTHER, SECRET], headers, BODY.encode(), NOW + timedelta(minutes=4))
    both = signed([OTHER, SECRET], "id-1", NOW, BODY)
    assert is_signed([SECRET], both, BODY.encode(), NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "id-2"},
        {"webhook-id": ""},
        {"webhook-timestamp": str(int(NOW.timestamp()) + 1)},
        {"webhook-timestamp": "１２"},
        {"webhook-timestamp": "9" * 12},
        {"webhook-timestamp": ""},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v1,ä\udc80"},
        {"webhook-signature": ""},
    ],
)
def test_what_was_changed_is_not(change: dict[str, str]) -> None:
    headers = {**signed([SECRET], "id-1", NOW, BODY), **change}
    assert not is_signed([SECRET], headers, BODY.encode(), NOW)


def test_another_body_another_secret_and_another_time_are_not() -> None:
    headers = signed([SECRET], "id-1", NOW, BODY)
    assert not is_signed([SECRET], headers, b"{}", NOW)
    assert not is_signed([SECRET], headers, b"\xff", NOW)
    assert not is_signed([OTHER], headers, BODY.encode(), NOW)
    assert not is_signed([], headers, BODY.encode(), NOW)
    for late in (timedelta(minutes=6), timedelta(minutes=-6)):
        assert not is_signed([SECRET], headers, BODY.encode(), NOW + late)


def _of_wechat(token: str, at: datetime) -> dict[str, str]:
    timestamp, nonce = str(int(at.timestamp())), "nonce"
    text = "".join(sorted([token, timestamp, nonce]))
    return {"timestamp": timestamp, "nonce": nonce, "signature": sha1(text.encode()).hexdigest()}


def test_wechat_says_who_it_is() -> None:
    query = _of_wechat("token", NOW)
    assert is_signed_by_wechat("token", query, NOW)
    assert not is_signed_by_wechat("other", query, NOW)
    assert not is_signed_by_wechat("token", {**query, "nonce": "other"}, NOW)
    assert not is_signed_by_wechat("token", query, NOW + timedelta(minutes=6))
    assert not is_signed_by_wechat("token", {}, NOW)
