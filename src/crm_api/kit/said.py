"""The headers that every operation understands; no function declares them."""

from collections.abc import Iterable

from starlette.types import Scope

from .errors import FieldError, Invalid
from .words import say

UNDERSTOOD = frozenset(
    (b"authorization", b"if-match", b"if-none-match", b"idempotency-key", b"crm-dry-run")
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
