"""The headers that a caller may send with any operation, or any of a kind; none declares them."""

from typing import Any

from .contract_parts import reference
from .covering import only_read

Json = dict[str, Any]


def _sent(name: str, description: str, **schema: Any) -> Json:
    text = {"type": "string", **schema}
    return {"name": name, "in": "header", "description": description, "schema": text}


KEY = {
    "maxLength": 255,
    "pattern": "^[!-~]([ -~]{0,253}[!-~])?$",
    "examples": ["5a0f3f0e-7c1e-4d6b-9f0e-0a4f6f3f1d2c"],
}
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
    "IfMatchRequired": {
        **_sent(
            "If-Match",
            "The ETag of the record as you have seen it: 428 without, 412 if it has changed since.",
            examples=['"3"'],
        ),
        "required": True,
    },
    "IfNoneMatch": _sent(
        "If-None-Match",
        "Answer 304 without a body while this is still the record's ETag.",
        examples=['"3"'],
    ),
    "IdempotencyKey": _sent(
        "Idempotency-Key",
        "A name for this one write, such as a UUID. Send it again with the same request when no "
        "answer came: the write is done once, and answered with the same words for seven days.",
        **KEY,
    ),
    "IdempotencyKeyRequired": {
        **_sent(
            "Idempotency-Key",
            "A name for this one write, such as a UUID: 400 without, as it must not happen twice. "
            "Send it again with the same request when no answer came: the write is done once, and "
            "answered with the same words for seven days.",
            **KEY,
        ),
        "required": True,
    },
    "BusinessUnit": _sent(
        "Crm-Business-Unit",
        "The id of a business unit: the request sees and changes only what is of it or of units "
        "below it, and what is made is of it.",
        pattern="^bun_[0-9a-f]{32}$",
        examples=["bun_019a2b7c4d5e7f60a1b2c3d4e5f60718"],
    ),
    "OnBehalfOf": _sent(
        "Crm-On-Behalf-Of",
        "The id of a user for whom a front end acts: what both the key and the user may do. It "
        "takes a key with the scope `users:act_as`; the audit names both.",
        pattern="^usr_[0-9a-f]{32}$",
        examples=["usr_019a2b7c4d5e7f60a1b2c3d4e5f60718"],
    ),
    "DryRun": _sent(
        "Crm-Dry-Run",
        "`true` rehearses: the answer is that of the real call, and nothing remains of it. "
        "`Crm-Dry-Run-Events` tells what would have happened.",
        enum=["true", "false"],
    ),
}


def is_conditional(path: str, method: str, operation: Json, versioned: bool) -> bool:
    """A write to one record that is there already. What answers with a job changes none itself."""
    if "202" in operation["responses"] or operation.get("x-if-match") == "ignored":
        return False
    return method == "delete" or (
        method != "get" and versioned and ("{" in path or method == "patch")
    )


def is_write(method: str, operation: Json) -> bool:
    """A POST may be a mere read: then its scopes say so. Whoever starts a job writes the job."""
    scopes = [scope for needed in operation.get("security", ()) for scope in needed["bearer"]]
    return method != "get" and (not only_read(scopes) or "202" in operation["responses"])


def add_parameters(operation: Json, method: str, *, conditional: bool, versioned: bool) -> None:
    writes, seen = is_write(method, operation), operation.get("x-if-match") == "required"
    named = operation.get("x-idempotency-key") == "required"
    sent = {
        "AcceptLanguage": True,
        "BusinessUnit": True,
        "OnBehalfOf": True,
        "IfMatch": conditional and not seen,
        "IfMatchRequired": seen,
        "IfNoneMatch": method == "get" and versioned,
        "IdempotencyKey": writes and not named,
        "IdempotencyKeyRequired": named,
        "DryRun": writes,
    }
    references = [reference("parameters", name) for name, is_sent in sent.items() if is_sent]
    operation["parameters"] = [*operation.get("parameters", []), *references]
