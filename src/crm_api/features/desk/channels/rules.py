"""What a channel of each kind has, and how it is named to others: pure functions."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any
from uuid import UUID

from crm_api.kit import signing
from crm_api.kit.mail.letters import Mailbox
from crm_api.kit.mail.outgoing import Transport
from crm_api.kit.words import say

from .errors import UnfitChannel
from .models import ChannelKind

BY_MAIL = {ChannelKind.email, ChannelKind.web_form}
BY_REQUESTS = {ChannelKind.web_chat, ChannelKind.wechat}
WECHAT_TOKEN_BYTES, KEY_BYTES = 16, 32
HASTE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class WayOut:
    """How messages leave by a channel, and as whose. `mark` is the word of the tenant by which its
    mail is known where it comes back, `domain` is for the ids of messages."""

    transport: Transport
    from_: Mailbox
    mark: str

    @property
    def domain(self) -> str:
        return self.from_.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class WayIn:
    """What has to be known of a channel where a message comes in: also which secrets sign now."""

    id: UUID
    kind: ChannelKind
    business_unit_id: UUID | None
    address: str | None
    auto_ack: bool
    secrets: Sequence[str]


@dataclass(frozen=True, slots=True)
class Request:
    """What came in; names of headers are in lower case."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


def check(channel: Mapping[str, Any]) -> None:
    """Of the columns of a channel. Raises UnfitChannel."""
    kind = ChannelKind(channel["kind"])
    _check_address(kind, channel)
    if channel["smtp"] and channel["address"] is None:
        message = say("Send the address that its mail is from.")
        raise UnfitChannel("address", "address_needed", message)
    if channel["outbound_url"] and kind not in BY_REQUESTS:
        message = say("Messages of this kind leave by mail: send a mail server in `smtp`.")
        raise UnfitChannel("outbound_url", "not_of_this_kind", message)


def _check_address(kind: ChannelKind, channel: Mapping[str, Any]) -> None:
    if kind == ChannelKind.email and channel["address"] is None:
        message = say("Send the address that mail comes to.")
        raise UnfitChannel("address", "address_needed", message)
    for field in ("address", "smtp"):
        if channel[field] is not None and kind not in BY_MAIL:
            message = say("Messages of this kind leave by requests: send `outbound_url`.")
            raise UnfitChannel(field, "not_of_this_kind", message)


def new_secret(kind: ChannelKind) -> str:
    """WeChat takes letters and digits alone, 32 at most."""
    return token_hex(WECHAT_TOKEN_BYTES) if kind == ChannelKind.wechat else signing.new_secret()


def inbound_key(tenant: UUID, channel: UUID) -> str:
    return urlsafe_b64encode(tenant.bytes + channel.bytes).decode().rstrip("=")


def read_key(key: str) -> tuple[UUID, UUID] | None:
    """The tenant and the channel; null for what is no key, and for another way to write one."""
    try:
        found = urlsafe_b64decode(key + "=")
    except ValueError:
        return None
    if len(found) != KEY_BYTES:
        return None
    tenant, channel = UUID(bytes=found[:16]), UUID(bytes=found[16:])
    return (tenant, channel) if inbound_key(tenant, channel) == key else None


def mark(tenant: UUID) -> str:
    """The same for ever: mail may come back late."""
    return sha256(b"loop of " + tenant.bytes).hexdigest()[:32]


def is_genuine(way: WayIn, request: Request, now: datetime) -> bool:
    """Whether a request comes from who knows a secret of the channel; everybody may send a form.
    `now` is the time of the wall clock, also in a sandbox."""
    if way.kind == ChannelKind.web_form:
        return True
    if way.kind == ChannelKind.wechat and "signature" in request.query:
        return any(signing.is_signed_by_wechat(s, request.query, now) for s in way.secrets)
    return signing.is_signed(way.secrets, request.headers, request.body, now)


def is_of_a_machine(trap: str | None, seconds: float | None) -> bool:
    """Whether a web form was filled in by no person: in a field that nobody sees, or sooner than
    anybody writes."""
    return bool(trap and trap.strip()) or (seconds is not None and seconds < HASTE_SECONDS)
