"""Walking through an OpenAPI document."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
SCHEMAS = "#/components/schemas/"
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Operation:
    path: str
    method: str
    said: Json

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


def operations(document: Json) -> list[Operation]:
    return [
        Operation(path, method, said)
        for path, item in document["paths"].items()
        for method, said in item.items()
    ]


def nodes(node: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Everything inside, each with its JSON Pointer; examples are not looked into."""
    yield place, node
    for name, part in _parts(node):
        if name not in ("example", "examples"):
            yield from nodes(part, f"{place}/{name.replace('~', '~0').replace('/', '~1')}")


def _parts(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        yield from node.items()
    elif isinstance(node, list):
        yield from ((str(number), part) for number, part in enumerate(node))


def objects(node: Any) -> Iterator[tuple[str, Json]]:
    return ((place, part) for place, part in nodes(node) if isinstance(part, dict))


def reachable(document: Json, *starts: Any) -> dict[str, Json]:
    """The named schemas that lead on from some parts of the document."""
    found: dict[str, Json] = {}
    waiting = list(starts)
    while waiting:
        for _, part in objects(waiting.pop()):
            name = str(part.get("$ref", "")).removeprefix(SCHEMAS)
            if name in document["components"]["schemas"] and name not in found:
                found[name] = document["components"]["schemas"][name]
                waiting.append(found[name])
    return found


def shapes(document: Json, response: Json) -> list[Json]:
    """The schemas that an answer may have: one, or one for each view."""
    (shape, *_) = reachable(document, response.get("content", {})).values() or ({},)
    views = shape.get("anyOf", [])
    named = document["components"]["schemas"]
    return [named[view["$ref"].removeprefix(SCHEMAS)] for view in views] or [shape]


def bodies(document: Json) -> list[Json]:
    return [o.said["requestBody"] for o in operations(document) if "requestBody" in o.said]


def answers(document: Json, *classes: str) -> Iterator[tuple[Operation, str, Json]]:
    """`answers(document, "2")`: every successful response, with its operation and status."""
    for operation in operations(document):
        for status, response in operation.said["responses"].items():
            if status.startswith(classes):
                yield operation, status, response


def is_file(response: Json) -> bool:
    """An answer that is saved or followed: it has another media type than JSON."""
    content = response.get("content", {})
    return bool(content) and not any("json" in kind.split("/")[1].split("+") for kind in content)


def response_schemas(document: Json) -> dict[str, Json]:
    told = [r for _, _, r in answers(document, "2")]
    return reachable(document, told, document["components"]["responses"])


def request_schemas(document: Json) -> dict[str, Json]:
    return reachable(document, bodies(document))


def properties(schemas: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    """`CustomerRead.name` and what is said of it."""
    for name, schema in schemas.items():
        for field, said in schema.get("properties", {}).items():
            yield f"{name}.{field}", said
