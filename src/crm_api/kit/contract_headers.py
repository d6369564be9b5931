"""The headers that no operation declares: what an answer tells."""

from collections.abc import Iterator
from typing import Any

from .contract_parts import SPOKEN
from .words import LANGUAGES

Json = dict[str, Any]


def _header(description: str, required: bool = True, **schema: Any) -> Json:
    return {
        "description": description,
        "required": required,
        "schema": {"type": "string", **schema},
    }


HEADERS: Json = {
    "Request-Id": _header("Names this request; quote it to whoever runs the server."),
    "ETag": _header("The record's version; send it in If-Match.", examples=['"3"']),
    "Location": _header("Where the new record is.", format="uri-reference"),
    "Content-Disposition": _header(
        "Under which name to save it.", examples=["attachment; filename*=UTF-8''customers.csv"]
    ),
    "Link": _header('The next page, as `rel="next"` (RFC 8288).', required=False),
    "RateLimit-Policy": _header(
        "Quotas of the key and of its tenant, on every answer to a key that is accepted.",
        required=False,
        examples=['"key";q=6000;w=60, "tenant";q=30000;w=60'],
    ),
    "RateLimit": _header(
        "What is left of each quota: requests, and seconds until it begins anew.",
        required=False,
        examples=['"key";r=5399;t=42, "tenant";r=26999;t=42'],
    ),
    "Retry-After": _header(
        "Seconds to wait before you ask again.", required=False, type="integer", examples=[2]
    ),
    "WWW-Authenticate": _header("How to authenticate.", examples=["Bearer"]),
    "Idempotent-Replayed": _header(
        "`true` where this answer was given before.", required=False, enum=["true"]
    ),
    "Crm-Dry-Run": _header("`true` where this was a rehearsal.", required=False, enum=["true"]),
    "Crm-Dry-Run-Events": _header(
        "What would have happened, in order.",
        required=False,
        examples=["customer.created"],
    ),
    "Content-Language": _header(
        "The language of titles, messages and labels; several where labels are not in the one that "
        "you like best.",
        False,
        examples=[*LANGUAGES],
    ),
    "Vary": _header(
        "What else the answer depends on.", required=False, examples=["Accept-Language"]
    ),
    "Accept-Post": _header("Media types that a POST may send.", required=False),
    "Accept-Patch": _header("Media types that a PATCH may send.", required=False),
}


BY_STATUS = {
    "201": ("Location",),
    "202": ("Location",),
    "207": SPOKEN,
}
BY_FIELD = {"version": "ETag", "next_cursor": "Link", "progress_percent": "Retry-After"}


def told(status: str, properties: Json, writes: bool) -> Iterator[str]:
    """The names of an answer's headers."""
    yield from BY_STATUS.get(status, ())
    for field, name in BY_FIELD.items():
        if field in properties:
            yield name
    if writes:
        yield from ("Idempotent-Replayed", "Crm-Dry-Run", "Crm-Dry-Run-Events")
