"""Parts of the OpenAPI document that many operations share."""

import json
from typing import Any

from .below import below
from .errors import Problem
from .problem_registry import PROBLEMS
from .problems import MEDIA_TYPE, ProblemBody

Json = dict[str, Any]


def reference(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


EVERYWHERE = ("Request-Id", "RateLimit-Policy", "RateLimit")
SPOKEN = ("Content-Language", "Vary")
IN_WORDS: Json = {"headers": {name: {} for name in SPOKEN}}
"""Of `responses` of a route: its answer has labels for people."""
TOLD = {
    "401": ["WWW-Authenticate"],
    "415": ["Accept-Post", "Accept-Patch"],
    "429": ["Retry-After"],
    "503": ["Retry-After"],
}
EXAMPLE = {"instance": "/v1/customers", "request_id": "req_019a2b7c4d5e7f60a1b2c3d4e5f60718"}


def problem_responses() -> Json:
    """One response per status, named after it, with an example of each problem that is raised."""
    raised = {Problem.code, *(kind.code for kind in below(Problem))}
    known = {code: kind for code, kind in PROBLEMS.items() if code in raised}
    statuses = sorted({kind.status for kind in known.values()})
    return {f"Problem{status}": _problem_response(status, known) for status in statuses}


def _problem_response(status: int, known: Json) -> Json:
    kinds = {code: kind for code, kind in known.items() if kind.status == status}
    names = [*EVERYWHERE, *SPOKEN, *TOLD.get(str(status), [])]
    content = {"schema": reference("schemas", "Problem"), "examples": _examples(kinds)}
    return {
        "description": "; ".join(f"`{code}`: {kind.title}" for code, kind in kinds.items()),
        "headers": {name: reference("headers", name) for name in names},
        "content": {MEDIA_TYPE: content},
    }


def _examples(kinds: Json) -> Json:
    return {
        code: {"summary": str(kind.title), "value": _body(code, kind)}
        for code, kind in kinds.items()
    }


def _body(code: str, kind: Any) -> Json:
    said = {"title": str(kind.title), "status": kind.status, "detail": str(kind.meaning)}
    return {"type": f"/problems/{code}", "code": code, **said, **EXAMPLE, "errors": []}


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
