"""The headers that no operation declares: what a caller may send, and what an answer tells."""

from collections.abc import Iterator
from typing import Any

from .actor import only_read
from .contract_parts import SPOKEN, reference
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


def _sent(name: str, description: str, **schema: Any) -> Json:
    text = {"type": "string", **schema}
    return {"name": name, "in": "header", "description": description, "schema": text}


PARAMETERS: Json = {
    "AcceptLanguage": _sent(
        "Accept-Language",
        "For problems' titles, details and messages, and for labels; codes have no language.",
        examples=["zh-CN, en;q=0.5"],
    ),
    "IfMatch": _sent(
        "If-Match",
        "Change the record only while this is its ETag; 412 when it has changed since.",
        examples=['"3"'],
    ),
    "IfNoneMatch": _sent(
        "If-None-Match",
        "Answer 304 without a body while this is still the record's ETag.",
        examples=['"3"'],
    ),
    "IdempotencyKey": _sent(
        "Idempotency-Key",
        "A name for this one write, such as a UUID. Send it again with the same request when no "
        "answer came: the write is done once, and answered with the same words for seven days.",
        maxLength=255,
        pattern="^[!-~]([ -~]{0,253}[!-~])?$",
        examples=["5a0f3f0e-7c1e-4d6b-9f0e-0a4f6f3f1d2c"],
    ),
    "DryRun": _sent(
        "Crm-Dry-Run",
        "`true` rehearses: the answer is that of the real call, and nothing remains of it. "
        "`Crm-Dry-Run-Events` tells what would have happened.",
        enum=["true", "false"],
    ),
}


def is_conditional(path: str, method: str, versioned: bool) -> bool:
    """A write to one record that is there already."""
    return method == "delete" or (
        method != "get" and versioned and ("{" in path or method == "patch")
    )


def is_write(method: str, operation: Json) -> bool:
    """A POST may be a mere read: then its scopes say so. Whoever starts a job writes the job."""
    scopes = [scope for needed in operation.get("security", ()) for scope in needed["bearer"]]
    return method != "get" and (not only_read(scopes) or "202" in operation["responses"])


def add_parameters(operation: Json, method: str, *, conditional: bool, versioned: bool) -> None:
    writes = is_write(method, operation)
    sent = {
        "AcceptLanguage": True,
        "IfMatch": conditional,
        "IfNoneMatch": method == "get" and versioned,
        "IdempotencyKey": writes,
        "DryRun": writes,
    }
    references = [reference("parameters", name) for name, is_sent in sent.items() if is_sent]
    operation["parameters"] = [*operation.get("parameters", []), *references]


def told(status: str, properties: Json, writes: bool) -> Iterator[str]:
    """The names of an answer's headers."""
    yield from BY_STATUS.get(status, ())
    for field, name in BY_FIELD.items():
        if field in properties:
            yield name
    if writes:
        yield from ("Idempotent-Replayed", "Crm-Dry-Run", "Crm-Dry-Run-Events")
