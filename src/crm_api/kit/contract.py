"""The OpenAPI document: what FastAPI says, made into what every generator understands.

Rules, not routes: which headers, problems and conditions an operation has follows from its
method, its path and the shape of its answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from .contract_events import add_webhooks
from .contract_examples import example
from .contract_headers import HEADERS, told
from .contract_links import link
from .contract_machines import add_machines
from .contract_parameters import PARAMETERS, add_parameters, is_conditional, is_write
from .contract_parts import (
    EVERYWHERE,
    drop_unused,
    problem_responses,
    problem_schemas,
    reference,
)
from .contract_security import secure
from .contract_tidy import tidy
from .contract_words import summary

Json = dict[str, Any]
MERGE_PATCH = "application/merge-patch+json"
STREAM = "text/event-stream"
SOME_FAILED = "Some items failed, each with its problem; the others are written."


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
    shared = said["components"]
    shared["schemas"] |= problem_schemas()
    tidy(said)
    add_machines(shared["schemas"])
    shared |= {"headers": HEADERS, "parameters": PARAMETERS, "responses": problem_responses()}
    said["components"] = shared = {kind: dict(parts) for kind, parts in shared.items()}
    for path, item in said["paths"].items():
        for method, operation in item.items():
            _complete(path, method, operation, shared["schemas"])
    add_webhooks(said)
    link(said["paths"])
    secure(said, scopes)
    drop_unused(said)
    return said


def _complete(path: str, method: str, operation: Json, schemas: Json) -> None:
    of_many = "{" in path or method == "post"
    operation["summary"] = summary(operation["operationId"], of_many)
    operation.setdefault("x-stability-level", "beta")
    if method == "patch":
        content = operation["requestBody"]["content"]
        content[MERGE_PATCH] = content["application/json"]
    if operation.pop("x-streams", False):
        content = operation["responses"]["200"]["content"]
        content[STREAM] = content.pop("application/json")
    versioned = "version" in _answer(operation, schemas).get("properties", {})
    conditional = is_conditional(path, method, operation, versioned)
    writes = is_write(method, operation)
    add_parameters(operation, method, conditional=conditional, versioned=versioned)
    for status, response in operation["responses"].items():
        _complete_response(status, response, schemas, writes)
    if method == "get" and versioned:
        operation["responses"]["304"] = _not_modified()
    responses = operation["responses"] | {
        status: reference("responses", f"Problem{status}")
        for status in _problems(path, method, operation, conditional)
    }
    operation["responses"] = dict(sorted(responses.items()))


def _answer(operation: Json, schemas: Json) -> Json:
    """The schema of the successful answer."""
    responses = [r for status, r in operation["responses"].items() if status.startswith("2")]
    return _shape(responses[0], schemas)


def _shape(response: Json, schemas: Json) -> Json:
    """The named schema; of several views, the first."""
    media = response.get("content", {})
    content = media.get("application/json", media.get(STREAM, {}))
    shape = _named(content.get("schema", {}), schemas)
    return _named(shape["anyOf"][0], schemas) if "anyOf" in shape else shape


def _named(schema: Json, schemas: Json) -> Json:
    named: Json = schemas.get(schema.get("$ref", "").rpartition("/")[2], {})
    return named


def _item(shape: Json, schemas: Json) -> Json:
    """What is answered, or, of a page, what it has many of."""
    if "next_cursor" not in shape.get("properties", {}):
        return shape
    return _named(shape["properties"]["data"]["items"], schemas)


def _complete_response(status: str, response: Json, schemas: Json, writes: bool) -> None:
    shape = _shape(response, schemas)
    is_file = "content" in response and not shape
    nothing = response["description"] if is_file else "Done; there is nothing to show."
    whole = shape.get("description", nothing)
    response["description"] = SOME_FAILED if status == "207" else whole
    shown = _item(shape, schemas)
    if shown and "examples" not in shown:
        shown["examples"] = [example(shown, schemas)]
    stated = response.get("headers", {})
    names = [*EVERYWHERE, *stated, *told(status, shape.get("properties", {}), writes)]
    names += ["Content-Disposition"] if is_file else []
    response["headers"] = {name: reference("headers", name) for name in names}


def _not_modified() -> Json:
    return {
        "description": "Not modified: you have this version already.",
        "headers": {name: reference("headers", name) for name in (*EVERYWHERE, "ETag")},
    }


def _problems(path: str, method: str, operation: Json, conditional: bool) -> set[str]:
    asked = {p.get("name") for p in operation.get("parameters", [])}
    found = {"401", "403", "413", "414", "422", "429", "431", "500", "503"}
    found |= {"404"} if "{" in path else set()
    found |= {"409"} if method != "get" else set()
    found |= {"400", "410"} if is_write(method, operation) else set()
    found |= {"412"} if conditional else set()
    found |= {"400", "408", "415"} if "requestBody" in operation else set()
    found |= {"410"} if "as_of" in asked else set()
    found |= set(operation.pop("x-problems", ()))
    return found | ({"400"} if "cursor" in asked else set())
