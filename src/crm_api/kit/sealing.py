"""Text that only this server can read again."""

import os
from base64 import b64decode, b64encode
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


def seal(secret: bytes, text: str, place: str) -> str:
    """AES-256-GCM; what is sealed for one place cannot be opened in another."""
    nonce = os.urandom(NONCE)
    return b64encode(nonce + _cipher(secret).encrypt(nonce, text.encode(), place.encode())).decode()


def unseal(secret: bytes, sealed: str, place: str) -> str | None:
    """Null where it was not sealed so: with this secret, for this place, or not by us at all."""
    try:
        found = b64decode(sealed)
        text = _cipher(secret).decrypt(found[:NONCE], found[NONCE:], place.encode())
    except (InvalidTag, ValueError):
        return None
    return text.decode()


def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(blake2b(secret, digest_size=32, person=b"sealed").digest())
