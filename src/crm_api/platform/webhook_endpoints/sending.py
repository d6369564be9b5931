"""Standard Webhooks on the wire: signed when sent, to an address that is judged when connecting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from crm_api.kit.egress import Refused
from crm_api.kit.outbound import Outbound
from crm_api.kit.posting import SNIPPET_BYTES, Unanswered, post
from crm_api.kit.signing import signed

BLOCKED = "url_not_allowed"


@dataclass(frozen=True, slots=True)
class Receiver:
    """With every secret that signs now."""

    url: str
    secrets: Sequence[str]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Message:
    """`id` is the event's, the same at every attempt; `at` is the real time of this one."""

    id: str
    at: datetime
    body: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a message was answered: with a status, or else the trouble in one word."""

    status: int | None
    trouble: str | None
    latency_ms: int
    said: str = ""
    retry_after: str = ""

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


async def send(outbound: Outbound, receiver: Receiver, message: Message, seconds: float) -> Outcome:
    begun = perf_counter()
    try:
        answer = await post(
            outbound, receiver.url, message.body.encode(), headers(receiver, message), seconds
        )
    except Refused:
        return Outcome(None, BLOCKED, 0)
    except Unanswered as error:
        return Outcome(None, error.trouble, _milliseconds(begun))
    text = _text(answer.said)
    return Outcome(answer.status, None, _milliseconds(begun), text, answer.retry_after)


def headers(receiver: Receiver, message: Message) -> dict[str, str]:
    return {
        **receiver.headers,
        "Content-Type": "application/json",
        **signed(receiver.secrets, message.id, message.at, message.body),
    }


def _milliseconds(begun: float) -> int:
    return round((perf_counter() - begun) * 1000)


def _text(said: bytes) -> str:
    """What PostgreSQL can keep of it, in as many bytes."""
    text = said.decode(errors="replace").replace("\0", "\ufffd")
    return text.encode()[:SNIPPET_BYTES].decode(errors="ignore")
