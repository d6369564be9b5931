"""Parts of the OpenAPI document that many operations share."""

from typing import Any

from .problem_registry import PROBLEMS
from .problems import MEDIA_TYPE, ProblemBody

Json = dict[str, Any]


def reference(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


def _header(description: str, **schema: Any) -> Json:
    return {"description": description, "required": True, "schema": {"type": "string", **schema}}


HEADERS: Json = {
    "Request-Id": _header("Names this request; quote it to whoever runs the server."),
    "ETag": _header("The record's version; send it in If-Match.", examples=['"3"']),
    "Location": _header("Where the new record is.", format="uri-reference"),
    "Link": {**_header('The next page, as `rel="next"` (RFC 8288).'), "required": False},
    "Allow": _header("The methods that this path answers."),
    "Retry-After": {
        "description": "Seconds to wait before you try again.",
        "schema": {"type": "integer"},
    },
    "WWW-Authenticate": _header("How to authenticate.", examples=["Bearer"]),
}


def _condition(name: str, description: str) -> Json:
    text = {"type": "string", "maxLength": 1000, "pattern": "^[ -~]*$", "examples": ['"3"']}
    return {"name": name, "in": "header", "description": description, "schema": text}


PARAMETERS: Json = {
    "IfMatch": _condition(
        "If-Match", "Change the record only while this is its ETag; 412 when it has changed since."
    ),
    "IfNoneMatch": _condition(
        "If-None-Match", "Answer 304 without a body while this is still the record's ETag."
    ),
}
TOLD = {
    "401": ["WWW-Authenticate"],
    "405": ["Allow"],
    "429": ["Retry-After"],
    "503": ["Retry-After"],
}


def problem_responses() -> Json:
    """One response per status, named after it, with an example per problem of the registry."""
    statuses = sorted({kind.status for kind in PROBLEMS.values()})
    return {f"Problem{status}": _problem_response(status) for status in statuses}


def _problem_response(status: int) -> Json:
    kinds = {code: kind for code, kind in PROBLEMS.items() if kind.status == status}
    names = ["Request-Id", *TOLD.get(str(status), [])]
    content = {"schema": reference("schemas", "Problem"), "examples": _examples(kinds)}
    return {
        "description": "; ".join(f"`{code}`: {kind.title}" for code, kind in kinds.items()),
        "headers": {name: reference("headers", name) for name in names},
        "content": {MEDIA_TYPE: content},
    }


def _examples(kinds: Json) -> Json:
    return {
        code: {
            "summary": kind.title,
            "value": {
                "type": f"/problems/{code}",
                "title": kind.title,
                "status": kind.status,
                "code": code,
                "detail": kind.meaning,
                "instance": "/v1/customers",
                "request_id": "req_019a2b7c4d5e7f60a1b2c3d4e5f60718",
                "errors": [],
            },
        }
        for code, kind in kinds.items()
    }


def problem_schemas() -> Json:
    """`Problem` and `ProblemError`, for every answer that is not a success."""
    schema = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}
