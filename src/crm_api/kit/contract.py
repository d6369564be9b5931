"""The OpenAPI document: what FastAPI says, made into what every generator understands.

Rules, not routes: which headers, problems and conditions an operation has follows from its
method, its path and the shape of its answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from .contract_parts import HEADERS, PARAMETERS, problem_responses, problem_schemas, reference
from .contract_tidy import tidy

Json = dict[str, Any]
SUCCESS = ("2", "3")


def contract(
    app: FastAPI, routes: Sequence[BaseRoute], tags: Mapping[str, str], scopes: Iterable[str]
) -> Json:
    said = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.1",
        description=app.description,
        routes=routes,
        tags=[{"name": name, "description": text} for name, text in tags.items()],
        servers=[{"url": "/", "description": "This server."}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    tidy(said)
    shared = said["components"]
    shared["schemas"] |= problem_schemas()
    shared |= {"headers": HEADERS, "parameters": PARAMETERS, "responses": problem_responses()}
    shared["securitySchemes"]["bearer"]["description"] = _security(scopes)
    for path, item in said["paths"].items():
        for method, operation in item.items():
            _complete(path, method, operation, shared["schemas"])
    return said


def _security(scopes: Iterable[str]) -> str:
    return f"An API key. Each operation lists the scopes it needs, of: {', '.join(sorted(scopes))}."


def _complete(path: str, method: str, operation: Json, schemas: Json) -> None:
    versioned = _is_versioned(operation, schemas)
    conditional = method != "get" and "{" in path and versioned
    operation.setdefault("x-stability-level", "beta")
    _add_parameters(method, operation, versioned, conditional)
    if method == "patch" and "requestBody" in operation:
        content = operation["requestBody"]["content"]
        content["application/merge-patch+json"] = content["application/json"]
    for status, response in operation["responses"].items():
        response["headers"] = _headers(status, response, schemas, versioned)
    if method == "get" and versioned:
        operation["responses"]["304"] = {
            "description": "Not modified: you have this version already.",
            "headers": {name: reference("headers", name) for name in ("ETag", "Request-Id")},
        }
    problems = _problems(path, method, operation, conditional)
    responses = operation["responses"] | problem_references(problems)
    operation["responses"] = dict(sorted(responses.items()))


def problem_references(statuses: Iterable[str]) -> Json:
    return {status: reference("responses", f"Problem{status}") for status in statuses}


def _answer(operation: Json, schemas: Json) -> Json:
    """The schema of the first successful answer."""
    for status, response in operation["responses"].items():
        content = response.get("content", {}).get("application/json", {})
        if status.startswith("2") and (name := content.get("schema", {}).get("$ref")):
            found: Json = schemas[name.rpartition("/")[2]]
            return found
    return {}


def _is_versioned(operation: Json, schemas: Json) -> bool:
    return "version" in _answer(operation, schemas).get("properties", {})


def _add_parameters(method: str, operation: Json, versioned: bool, conditional: bool) -> None:
    named = ["IfMatch"] if conditional or (method == "patch" and versioned) else []
    named += ["IfNoneMatch"] if method == "get" and versioned else []
    if named:
        operation["parameters"] = [
            *operation.get("parameters", []),
            *(reference("parameters", name) for name in named),
        ]


def _headers(status: str, response: Json, schemas: Json, versioned: bool) -> Json:
    names = ["Request-Id"]
    names += ["ETag"] if versioned else []
    names += ["Location"] if status == "201" else []
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    shape = schemas.get(schema.get("$ref", "").rpartition("/")[2], {})
    names += ["Link"] if "next_cursor" in shape.get("properties", {}) else []
    return {name: reference("headers", name) for name in names}


def _problems(path: str, method: str, operation: Json, conditional: bool) -> set[str]:
    writes = method != "get"
    found = {"401", "403", "500", "503"}
    found |= {"404"} if "{" in path else set()
    found |= {"409"} if writes else set()
    found |= {"412"} if conditional or method in ("patch", "delete") else set()
    found |= {"400", "408", "413", "415"} if "requestBody" in operation else set()
    found |= (
        {"400"}
        if any(p.get("name") == "cursor" for p in operation.get("parameters", []))
        else set()
    )
    return found | {"414", "422", "431"}
