"""Parts of the OpenAPI document that many operations share."""

import json
from collections.abc import Iterator
from typing import Any

from .errors import Problem
from .problem_registry import PROBLEMS
from .problems import MEDIA_TYPE, ProblemBody

Json = dict[str, Any]


def reference(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


def _header(description: str, required: bool = True, **schema: Any) -> Json:
    said = {"type": "string", **schema}
    return {"description": description, "required": required, "schema": said}


HEADERS: Json = {
    "Request-Id": _header("Names this request; quote it to whoever runs the server."),
    "ETag": _header("The record's version; send it in If-Match.", examples=['"3"']),
    "Location": _header("Where the new record is.", format="uri-reference"),
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
    "Retry-After": _header("Seconds to wait before you try again.", type="integer"),
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
    "Accept-Post": _header("Media types that a POST may send.", required=False),
    "Accept-Patch": _header("Media types that a PATCH may send.", required=False),
}


def _sent(name: str, description: str, **schema: Any) -> Json:
    text = {"type": "string", **schema}
    return {"name": name, "in": "header", "description": description, "schema": text}


PARAMETERS: Json = {
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
EVERYWHERE = ("Request-Id", "RateLimit-Policy", "RateLimit")
TOLD = {
    "401": ["WWW-Authenticate"],
    "415": ["Accept-Post", "Accept-Patch"],
    "429": ["Retry-After"],
    "503": ["Retry-After"],
}
EXAMPLE = {"instance": "/v1/customers", "request_id": "req_019a2b7c4d5e7f60a1b2c3d4e5f60718"}


def problem_responses() -> Json:
    """One response per status, named after it, with an example of each problem that is raised."""
    raised = {kind.code for kind in _kinds(Problem)}
    known = {code: kind for code, kind in PROBLEMS.items() if code in raised}
    statuses = sorted({kind.status for kind in known.values()})
    return {f"Problem{status}": _problem_response(status, known) for status in statuses}


def _kinds(parent: type[Problem]) -> Iterator[type[Problem]]:
    yield parent
    for child in parent.__subclasses__():
        yield from _kinds(child)


def _problem_response(status: int, known: Json) -> Json:
    kinds = {code: kind for code, kind in known.items() if kind.status == status}
    names = [*EVERYWHERE, *TOLD.get(str(status), [])]
    content = {"schema": reference("schemas", "Problem"), "examples": _examples(kinds)}
    return {
        "description": "; ".join(f"`{code}`: {kind.title}" for code, kind in kinds.items()),
        "headers": {name: reference("headers", name) for name in names},
        "content": {MEDIA_TYPE: content},
    }


def _examples(kinds: Json) -> Json:
    return {
        code: {"summary": kind.title, "value": _body(code, kind)} for code, kind in kinds.items()
    }


def _body(code: str, kind: Any) -> Json:
    said = {"title": kind.title, "status": kind.status, "code": code, "detail": kind.meaning}
    return {"type": f"/problems/{code}", **said, **EXAMPLE, "errors": []}


def problem_schemas() -> Json:
    """`Problem` and `ProblemError`, for every answer that is not a success."""
    schema = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}


def drop_unused(document: Json) -> None:
    """In place: shared parts that nothing refers to, responses before what only they need."""
    for kind in ("responses", "parameters", "headers"):
        said = json.dumps(document)
        parts = document["components"][kind]
        for name in [n for n in parts if f'"#/components/{kind}/{n}"' not in said]:
            del parts[name]
