"""The headers that every operation understands; no function declares them."""

import re
from collections.abc import Iterable, Mapping

from starlette.types import Scope

from .errors import FieldError, Invalid
from .ids import ANY_ID
from .words import say

UNDERSTOOD = frozenset(
    (
        b"authorization",
        b"if-match",
        b"if-none-match",
        b"idempotency-key",
        b"crm-dry-run",
        b"crm-business-unit",
        b"crm-on-behalf-of",
    )
)


def sent(scope: Scope, wanted: bytes) -> list[bytes]:
    """All values of a header, as they came."""
    return [value for name, value in scope["headers"] if name == wanted]


def understood(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, list[str]]:
    """What a request says in these headers, in one pass."""
    said: dict[bytes, list[str]] = {}
    for name, value in headers:
        if name in UNDERSTOOD:
            said.setdefault(name, []).append(value.decode("latin-1"))
    return said


def id_in(said: Mapping[bytes, list[str]], header: bytes) -> str | None:
    """The id in a header that is sent once, or not at all. Raises Invalid."""
    sent = said.get(header, [])
    if len(sent) > 1 or not all(re.fullmatch(ANY_ID, one) for one in sent):
        wrong: FieldError = {
            "pointer": f"header:{header.decode().title()}",
            "code": "invalid",
            "message": say("Send one id, as the API has told it, or leave the header out."),
        }
        raise Invalid(say("It is not clear for whom this request is."), wrong)
    return sent[0] if sent else None


def is_dry(sent: Iterable[str]) -> bool:
    match list(sent):
        case [] | ["false"]:
            return False
        case ["true"]:
            return True
    wrong: FieldError = {
        "pointer": "header:Crm-Dry-Run",
        "code": "invalid",
        "message": say("Send true, or leave the header out."),
    }
    raise Invalid(say("It is not clear whether this is a rehearsal."), wrong)
