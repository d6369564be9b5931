"""Examples of whole answers, put together from the examples of their fields."""

from typing import Any

Json = dict[str, Any]
PLAIN = {"boolean": False, "integer": 0, "string": ""}


def example(schema: Json, schemas: Json) -> Any:
    """A value of the schema; what may be null is null where its field has no example."""
    if name := schema.get("$ref"):
        return example(schemas[name.rpartition("/")[2]], schemas)
    if "examples" in schema:
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    return _of_type(schema, schemas)


def _of_type(schema: Json, schemas: Json) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "null")
    if kind == "object":
        parts = schema["properties"].items()
        return {n: example(part, schemas) for n, part in parts if "x-expands" not in part}
    if kind == "array":
        return [example(schema["items"], schemas)]
    return PLAIN.get(kind) if isinstance(kind, str) else None
