"""What the server sends by itself, in words of OpenAPI: one webhook for each type of event."""

from itertools import groupby
from typing import Any

from .contract_examples import example
from .contract_parts import reference
from .events import Event, kinds, word_of
from .resource import declared
from .shapes import shapes

Json = dict[str, Any]
ENVELOPE = "EventRead"


def add_webhooks(document: Json) -> None:
    """In place: `webhooks`, and an event's schema for each noun; the envelope is there already."""
    schemas = document["components"]["schemas"]
    document["webhooks"] = {}
    for word, of_noun in groupby(kinds(), key=lambda kind: word_of(kind.type)):
        name, types = _named(word), list(of_noun)
        schemas[name] = _event(word, [kind.type for kind in types], schemas)
        for kind in types:
            document["webhooks"][kind.type] = {"post": _sent(kind, name, schemas)}


def _named(word: str) -> str:
    """`ApiKeyEvent`, of `api_key`."""
    return "".join(part.capitalize() for part in word.split("_")) + "Event"


def _event(word: str, types: list[str], schemas: Json) -> Json:
    """The envelope, with the noun's own shape for its data."""
    shape, data = schemas[ENVELOPE], reference("schemas", shapes()[word].__name__)
    told = shape["properties"]
    known = {
        "type": {**told["type"], "x-extensible-enum": types, "examples": types[:1]},
        "data": {
            "anyOf": [data, {"type": "null"}],
            "description": told["data"]["description"],
        },
    }
    return {
        **{name: part for name, part in shape.items() if name != "examples"},
        "description": f"What became of one {declared[word].noun}.",
        "properties": told | known,
    }


def _sent(kind: type[Event], name: str, schemas: Json) -> Json:
    first, *others = kind.type.replace(".", "_").split("_")
    content = {
        "schema": reference("schemas", name),
        "examples": {"event": {"value": _example(kind, schemas)}},
    }
    return {
        "operationId": "on" + "".join(part.capitalize() for part in (first, *others)),
        "summary": " ".join((first.capitalize(), *others)),
        "description": kind.says(),
        "tags": ["webhooks"],
        "security": [],
        "x-schema-version": kind.schema_version,
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": {"2XX": {"description": "The event has arrived; it is not sent again."}},
    }


def _example(kind: type[Event], schemas: Json) -> Json:
    data = example(reference("schemas", shapes()[word_of(kind.type)].__name__), schemas)
    whole: Json = example(reference("schemas", ENVELOPE), schemas)
    has_none = kind.type.endswith((".created", ".deleted", ".unmasked", ".presence_told"))
    return whole | {
        "type": kind.type,
        "object_id": data["id"],
        "object_version": data["version"],
        "data": data,
        "changes": None if has_none else whole["changes"],
    }
