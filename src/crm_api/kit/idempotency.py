"""`Idempotency-Key`: what is asked again is answered again, and done once.

The answer is kept by the very statement or transaction that has the effect. Nothing is looked up
beforehand: a repetition breaks the primary key, is undone, and finds the first answer then.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, bindparam, cast, func, select
from sqlalchemy.orm import Mapped, mapped_column

from .db import Base, table_of
from .statement import TENANT, in_tenant
from .wire_errors import IdempotencyKeyInvalid, IdempotencyKeyReused
from .words import say

KEY = re.compile("[!-~]([ -~]{0,253}[!-~])?")
QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
ESCAPED = re.compile(r"\\(.)")


class KeptAnswer(Base):
    """The answer to a write under a key, for seven days. `body` may be emptied by an erasure;
    `sealed` is what the answer shows once and nothing else keeps."""

    __tablename__ = "idempotency_keys"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    operation: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    status: Mapped[int]
    body: Mapped[str | None]
    version: Mapped[int | None]
    location: Mapped[str | None]
    sealed: Mapped[str | None]
    created_at: Mapped[datetime]


Index(None, KeptAnswer.tenant_id, KeptAnswer.created_at)
KEPT = table_of(KeptAnswer)
ONE = in_tenant(
    select(cast(func.row_to_json(KEPT.table_valued()), Text))
    .where(
        KEPT.c.tenant_id == TENANT,
        KEPT.c.operation == bindparam("operation"),
        KEPT.c.key == bindparam("key"),
    )
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Once:
    """A write that its caller may repeat: the same key of the same operation means the same.

    `variant` tells its answer from that to those from whom nothing is hidden.
    """

    operation: str
    key: str
    fingerprint: str
    variant: str = ""

    def expect(self, kept: str) -> None:
        """Raises IdempotencyKeyReused where the kept answer belongs to another request."""
        if kept != self.fingerprint:
            raise IdempotencyKeyReused(
                say("This key was used for another request. A new request needs a new key.")
            )


def key_of(sent: Sequence[str]) -> str:
    """The key in a header, bare or as a quoted string (RFC 9651, 3.3.3).

    Raises IdempotencyKeyInvalid.
    """
    text = sent[0] if len(sent) == 1 else ""
    quoted = QUOTED.fullmatch(text)
    key = ESCAPED.sub(r"\1", quoted[1]) if quoted else text
    if not KEY.fullmatch(key) or (key.startswith('"') and not quoted):
        raise IdempotencyKeyInvalid(say("Send one key of 1 to 255 visible ASCII characters."))
    return key


def fingerprint(path: str, query: bytes, body: bytes, whose: str = "") -> str:
    """What makes two requests the same: the order of members and the spaces do not count.

    `whose` it is counts where the answer is for nobody else.
    """
    try:
        canonical = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        canonical = body
    parts = [path.encode(), b"&".join(sorted(query.split(b"&"))), canonical]
    asked = b"\n".join([*parts, whose.encode()] if whose else parts)
    return hashlib.sha256(asked).hexdigest()


def kept(once: Once, now: datetime, status: int, **answer: Any) -> dict[str, Any]:
    """A row of `KeptAnswer`, but for the tenant and for what only the commit knows."""
    return {
        "operation": once.operation,
        "key": once.key,
        "fingerprint": once.fingerprint,
        "status": status,
        "body": None,
        "version": None,
        "location": None,
        "sealed": None,
        "created_at": now,
        **answer,
    }
