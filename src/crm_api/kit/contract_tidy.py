"""Small habits of FastAPI and pydantic that confuse generators, put right."""

from collections.abc import Iterator
from typing import Any

from .contract_words import body_name

Json = dict[str, Any]


def tidy(document: Json) -> None:
    """In place: no generated titles, null as a type and never a default, no errors of FastAPI,
    and a name for every union that is a body."""
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError", "ProblemBody"):
        schemas.pop(name, None)
    for schema in schemas.values():
        schema.pop("title", None)
    for node in list(_objects(document)):
        _tidy(node)
        if node.get("$ref") == "#/components/schemas/ProblemBody":
            node["$ref"] = "#/components/schemas/Problem"
    for operation in _operations(document["paths"]):
        operation["responses"].pop("422", None)
        _name_body(operation, schemas)


def _operations(paths: Json) -> Iterator[Json]:
    for item in paths.values():
        yield from item.values()


def _objects(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        yield node
        for part in node.values():
            yield from _objects(part)
    elif isinstance(node, list):
        for part in node:
            yield from _objects(part)


def _tidy(node: Json) -> None:
    for property in node.get("properties", {}).values():
        if isinstance(property, dict):
            property.pop("title", None)
    if isinstance(node.get("schema"), dict):
        node["schema"].pop("title", None)
    if "default" in node and node["default"] is None:
        del node["default"]
    choices = node.get("anyOf")
    if isinstance(choices, list) and len(choices) == 2 and choices[1] == {"type": "null"}:
        _nullable(node, choices[0])


def _nullable(node: Json, choice: Json) -> None:
    """`anyOf: [X, null]` as `type: [x, null]`, where X is not a reference or an enum."""
    if isinstance(choice.get("type"), str) and "enum" not in choice:
        del node["anyOf"]
        node |= {**choice, **node, "type": [choice["type"], "null"]}


def _name_body(operation: Json, schemas: Json) -> None:
    """FastAPI writes a union where it is used; generators then invent a name for it."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if "oneOf" in content.get("schema", {}):
        name = body_name(operation["operationId"])
        schemas[name] = content["schema"]
        content["schema"] = {"$ref": f"#/components/schemas/{name}"}
