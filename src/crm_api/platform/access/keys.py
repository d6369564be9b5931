"""API keys as text: typed, checkable without a database, never stored.

`crm_live_` or `crm_test_`, 30 random base62 characters (178 bits), 6 that check them (CRC-32).
"""

import hashlib
import re
import secrets
import string
import zlib

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
SHAPE = re.compile("crm_(live|test)_[0-9A-Za-z]{36}")
RANDOM, CHECK = 30, 6


def new_key(sandbox: bool) -> str:
    head = f"crm_{'test' if sandbox else 'live'}_"
    body = head + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return body + _checksum(body)


def plausible(key: str) -> bool:
    """Whether the key may be one of ours; junk never reaches the database."""
    return SHAPE.fullmatch(key) is not None and _checksum(key[:-CHECK]) == key[-CHECK:]


def digest(key: bytes) -> bytes:
    """What is kept of a key: it is random, so a fast hash is as good as a slow one."""
    return hashlib.sha256(key).digest()


def _checksum(body: str) -> str:
    number, written = zlib.crc32(body.encode()), ""
    for _ in range(CHECK):
        number, digit = divmod(number, len(ALPHABET))
        written = ALPHABET[digit] + written
    return written
