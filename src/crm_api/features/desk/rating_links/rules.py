"""Tokens of customers: pure functions, but for the chance in `new_token`.

`crm_rating_`, then in base64url: the tenant, and 32 bytes that nobody can guess.
"""

import hashlib
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

PREFIX, ID, CHANCE = "crm_rating_", 16, 32
SHAPE = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{{(ID + CHANCE) * 4 // 3}}}", re.ASCII)


def new_token(tenant: UUID) -> str:
    return PREFIX + urlsafe_b64encode(tenant.bytes + secrets.token_bytes(CHANCE)).decode()


def tenant_of(token: str) -> UUID | None:
    """Null for what is no token."""
    if not SHAPE.fullmatch(token):
        return None
    return UUID(bytes=urlsafe_b64decode(token.removeprefix(PREFIX))[:ID])


def digest(token: str) -> str:
    """What is kept of it. Its chance is as long as the hash, so salt would add nothing."""
    return hashlib.sha256(token.encode()).hexdigest()
