"""Messages that say who they are from: Standard Webhooks, and how WeChat signs.

The times are of the clock on the wall, for the other side has no other one.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha1
from hmac import compare_digest, digest
from secrets import token_bytes

from standardwebhooks import Webhook

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE = timedelta(minutes=5)
MOST_SIGNATURES = 10


def new_secret() -> str:
    """Standard Webhooks: `whsec_` and 24 to 64 random bytes in base64."""
    return f"whsec_{b64encode(token_bytes(32)).decode()}"


def signed(secrets: Sequence[str], id: str, at: datetime, body: str) -> dict[str, str]:
    """The headers of a message, signed with every secret, so that one can be changed."""
    signatures = [Webhook(key).sign(id, at, body) for key in secrets]
    return {ID: id, TIMESTAMP: str(int(at.timestamp())), SIGNATURE: " ".join(signatures)}


def is_signed(
    secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime
) -> bool:
    """Whether a message was signed with one of the secrets, just now. The id is signed too: who
    has seen it has seen the message. `headers` are asked by their names in lower case."""
    id, signatures = headers.get(ID), headers.get(SIGNATURE, "").split()[:MOST_SIGNATURES]
    at = _recent(headers.get(TIMESTAMP, ""), now)
    if not id or at is None:
        return False
    right = [_signature(key, id, at, body) for key in secrets]
    return any(_same(sent, one) for sent in signatures for one in right)


def is_signed_by_wechat(token: str, query: Mapping[str, str], now: datetime) -> bool:
    """How a WeChat server says that it is one: `signature` of `timestamp`, `nonce` and the token
    that both sides know. It does not cover the body."""
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if not nonce or _recent(timestamp, now) is None:
        return False
    text = "".join(sorted((token, timestamp, nonce)))
    right = sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    return _same(query.get("signature", ""), right)


def _signature(key: str, id: str, at: datetime, body: bytes) -> str:
    """As the library makes it, of bytes that may be no text, such as those of a mail."""
    said = f"{id}.{int(at.timestamp())}.".encode("utf-8", "surrogatepass") + body
    secret = b64decode(key.removeprefix("whsec_"))
    return f"v1,{b64encode(digest(secret, said, 'sha256')).decode()}"


def _recent(timestamp: str, now: datetime) -> datetime | None:
    """The time, where it is near to now; with it a message can be told twice for minutes only."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return None
    with suppress(ValueError, OverflowError, OSError):
        at = datetime.fromtimestamp(int(timestamp), now.tzinfo)
        return at if abs(now - at) <= TOLERANCE else None
    return None


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode("utf-8", "surrogatepass"), other.encode())
