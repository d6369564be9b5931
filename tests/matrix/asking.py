"""The request of a caller in which one id is whose the matrix says, and all else is his own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.hostile.catalogue import Operation

from .places import BEHALF, PLACES, Place
from .rules import RULES, kind_of, prefix_of
from .sending import Asked
from .world import World, external_id

Ids = Mapping[str, str]
NONE: Ids = {}


class Asking:
    """Bodies are made once: what is asked for is rehearsed or refused, and so can be asked anew."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.bodies: dict[str, Any] = {}

    def plain(self, caller: str, operation: Operation) -> Asked:
        """On one's own records."""
        return self._asked(caller, operation, "own", self._body(operation))

    def about(self, caller: str, place: Place, whose: str) -> Asked:
        """With the id of a record in a place."""
        operation = place.operation
        id = self.world.id(caller, whose, known_by(place))
        if place.where == "path":
            return self._path(caller, place, whose, id)
        asked = self.plain(caller, operation)
        if place.where == "query":
            asked.query[place.at.removesuffix("/*")] = id
        elif place.where == "header":
            asked.headers[place.at] = id
        else:
            said = RULES["bodies"].get(f"{operation.id} {place.name}")
            around = asked.body if said is None else self.world.ours.client._own(said)
            put = filtering if place.where == "filter" else within
            asked = replace(asked, body=put(around, place.at, id))
        return asked

    def _path(self, caller: str, place: Place, whose: str, id: str) -> Asked:
        operation, body = place.operation, self._body(place.operation)
        if place.at in ("id", "external_id"):
            return replace(self._asked(caller, operation, whose, body), named=id)
        shared = {"id": self.world.id(caller, "own", "shared")} if kind_of(place) == "unit" else {}
        return self._asked(caller, operation, "own", body, {**shared, place.at: id})

    def _asked(
        self, caller: str, operation: Operation, whose: str, body: Any, ids: Ids = NONE
    ) -> Asked:
        path = operation.path.replace("{system}", "erp")
        for place in PLACES[operation.id]:
            if place.where == "path":
                id = ids.get(place.at) or self._beside(caller, place, whose)
                path = path.replace("{" + place.at + "}", id)
        query = dict(part.split("=") for part in operation.query[1:].split("&") if part)
        query |= RULES["queries"].get(operation.id, {})
        file = operation.file or {}
        headers = {**operation.headers, **({"content-type": file["type"]} if file else {})}
        sent = file["content"].encode() if file else body
        return Asked(operation.method, path, query, headers, sent)

    def _beside(self, caller: str, place: Place, whose: str) -> str:
        """A customer is known to its unit, though it is archived."""
        kept = place.at == "business_unit_id" and whose == "archived"
        return self.world.id(caller, "own" if kept else whose, known_by(place))

    def _body(self, operation: Operation) -> Any:
        if operation.id not in self.bodies:
            body = RULES["bodies"].get(operation.id, operation.body)
            self.bodies[operation.id] = self.world.ours.client._own(body)
        return self.bodies[operation.id]


def known_by(place: Place) -> str:
    """The name of the record whose id stands there, among those of the world."""
    prefix = prefix_of(place)
    special = {"external_id": external_id(prefix), BEHALF: "behalf"}
    return special.get(place.at) or prefix


def within(body: Any, at: str, id: str) -> Any:
    """The body with an id at a pointer, where `*` is the first item."""
    first, *rest = at.removeprefix("/").split("/", 1)
    if first == "*":
        return [within(body[0] if body else {}, rest[0], id) if rest else id]
    below = body.get(first) if isinstance(body, dict) else None
    return {**(body or {}), first: within(below, rest[0], id) if rest else id}


def filtering(body: Any, field: str, id: str) -> Any:
    return {**body, "filter": {"kind": "condition", "field": field, "op": "eq", "value": id}}
