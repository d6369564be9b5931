"""What a schema of the contract has in it, member by member."""

from collections.abc import Iterator
from typing import Any

from tests.hostile.catalogue import DOCUMENT

Named = tuple[str, Any]


def resolved(node: Any) -> Any:
    while "$ref" in node:
        found: Any = DOCUMENT
        for step in node["$ref"].split("/")[1:]:
            found = found[step]
        node = found
    return node


def parts(node: Any, at: str = "", above: tuple[str, ...] = ()) -> Iterator[Named]:
    """Every schema inside one, by its place: `*` is any item, `+` any key. What stands inside
    itself is looked at once."""
    name = node.get("$ref")
    if name in above:
        return
    node, above = resolved(node), (*above, name) if name else above
    yield at, node
    for place, part in _below(node, at):
        yield from parts(part, place, above)


def _below(node: Any, at: str) -> Iterator[Named]:
    for part in (*node.get("oneOf", ()), *node.get("anyOf", ()), *node.get("allOf", ())):
        yield at, part
    for key, part in (("*", node.get("items")), ("+", node.get("additionalProperties"))):
        if isinstance(part, dict):
            yield f"{at}/{key}", part
    for key, part in node.get("properties", {}).items():
        yield f"{at}/{key}", part
