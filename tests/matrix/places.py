"""Where an id can stand in a request: every place that the contract has, found in its schemas."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from crm_api.api import resources
from crm_api.kit.catalogue import catalogues
from crm_api.kit.kinds import Kind
from tests.hostile.catalogue import DOCUMENT, OPERATIONS, Operation

from .schemas import parts, resolved

Where = Literal["path", "query", "header", "body", "filter"]
ID = re.compile(r"^\^([a-z]{3}|\[a-z\]\{3\})_\[0-9a-f\]\{32\}\$$")
UNIT, BEHALF = "Crm-Business-Unit", "Crm-On-Behalf-Of"
JSON = "application/json"


@dataclass(frozen=True)
class Place:
    """`at` is a name, or a pointer with `*` for any item; `prefix` is empty for ids of any noun."""

    operation: Operation
    where: Where
    at: str
    prefix: str

    @property
    def name(self) -> str:
        return f"{self.where} {self.at}"


def places(operation: Operation) -> list[Place]:
    """Each once; what several alternatives of a body have in common is one place."""
    said = DOCUMENT["paths"][operation.path][operation.method.lower()]
    found = [*_parameters(said, operation), *_external(operation), *_body(said, operation)]
    return list({(place.where, place.at): place for place in found}.values())


def _parameters(said: Any, operation: Operation) -> Iterator[Place]:
    for parameter in map(resolved, said.get("parameters", ())):
        for at, prefix in _ids(parameter["schema"], parameter["name"]):
            yield Place(operation, parameter["in"], at, prefix)


def _external(operation: Operation) -> Iterator[Place]:
    """What other systems call a record names it as its id does."""
    if operation.names_an_external_id:
        yield Place(operation, "path", "external_id", KNOWN_ELSEWHERE[operation.collection])


def _body(said: Any, operation: Operation) -> Iterator[Place]:
    schema = said.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema", {})
    for at, prefix in _ids(schema, ""):
        yield Place(operation, "body", at, prefix)
    if any(at == "/filter" for at, _ in parts(schema)):
        for name in _references(operation):
            yield Place(operation, "filter", name, "")


def _references(operation: Operation) -> Iterator[str]:
    """The fields of a filter whose values are ids."""
    word = operation.collection.removeprefix("/v1/").partition("/")[0].replace("-", "_")
    known = catalogues.get(word)
    for field in known.fields if known else ():
        if field.kind == Kind.reference:
            yield field.name


def _ids(schema: Any, at: str) -> Iterator[tuple[str, str]]:
    for place, node in parts(schema, at):
        if fits := ID.match(node.get("pattern", "")):
            yield place, fits[1] if len(fits[1]) == 3 else ""


COLLECTIONS = {f"/v1/{noun.model.__tablename__}": noun.prefix.name for noun in resources}
"""Prefixes by the collections that are named as their tables are."""
KNOWN_ELSEWHERE = {
    operation.collection: COLLECTIONS[operation.collection]
    for operation in OPERATIONS.values()
    if operation.names_an_external_id
}
"""The prefixes of what other systems know by ids of their own."""
PLACES = {operation.id: places(operation) for operation in OPERATIONS.values()}
PREFIXES = {noun.prefix.name for noun in resources}
