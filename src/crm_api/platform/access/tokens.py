"""Access tokens as text: signed by this installation, stored nowhere, and none of anybody else's.

`crm_access_`, then in base64url: a keyed BLAKE2b of the rest, the tenant, the key, the second
since 1970 at which it ends, and the scopes, where they are fewer than the key's.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

PREFIX = "crm_access_"
SIGNATURE, ID, TIME = 32, 16, 5
HEAD = 2 * ID + TIME
SECONDS = 600
LONGEST = 8192


@dataclass(frozen=True, slots=True)
class Grant:
    """`scopes` are null for all that the key has."""

    tenant_id: UUID
    key_id: UUID
    ends: int
    scopes: frozenset[str] | None


def write(secret: bytes, grant: Grant) -> str:
    said = "" if grant.scopes is None else " ".join(sorted(grant.scopes))
    told = grant.tenant_id.bytes + grant.key_id.bytes + grant.ends.to_bytes(TIME) + said.encode()
    return PREFIX + urlsafe_b64encode(_sign(secret, told) + told).decode().rstrip("=")


def read(secret: bytes, token: str) -> Grant | None:
    """Null for what this installation has not signed. Whether it has ended is not looked at."""
    text = token.removeprefix(PREFIX)
    if len(text) > LONGEST or not text.isascii():
        return None
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    signature, told = raw[:SIGNATURE], raw[SIGNATURE:]
    if not hmac.compare_digest(signature, _sign(secret, told)):
        return None
    said = told[HEAD:].decode()
    return Grant(
        tenant_id=UUID(bytes=told[:ID]),
        key_id=UUID(bytes=told[ID : 2 * ID]),
        ends=int.from_bytes(told[2 * ID : HEAD]),
        scopes=frozenset(said.split(" ")) if said else None,
    )


def _sign(secret: bytes, told: bytes) -> bytes:
    """Keyed BLAKE2b is a MAC as it stands; the person keeps it apart from other signatures."""
    key = hashlib.sha256(secret).digest()
    return hashlib.blake2b(told, key=key, digest_size=SIGNATURE, person=b"access token").digest()
