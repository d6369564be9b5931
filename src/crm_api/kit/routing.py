"""Finding the route of a request at the same price whatever the number of routes."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from fastapi import Response
from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from .direct import DirectRoute
from .ids import Prefix
from .wire_errors import MethodNotAllowed

Place = tuple[str, int]


class ByNoun:
    """ASGI: takes a request to its route; what is none of theirs goes on to `app`.

    FastAPI asks every route in turn, 0.36 ms behind 200 of them; this asks the routes of one noun
    and length: `/v1/customers/...`, three parts. Nor do its layers for exit stacks, telemetry and
    exceptions, a third of a read, have anything to do for a `DirectRoute`. A path that answers
    other methods is 405 with all of them in `Allow`; OPTIONS is 204 with the same.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self.app = app
        self.routes: defaultdict[Place, list[DirectRoute]] = defaultdict(list)
        for route in routes:
            if isinstance(route, DirectRoute):
                self.routes[_place(route.path)].append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        here = self.routes.get(_place(scope["path"]), ()) if scope["type"] == "http" else ()
        fitting = [(r, match) for r in here if (match := r.path_regex.match(scope["path"]))]
        for route, match in fitting:
            if scope["method"] in route.verbs:
                scope["route"], scope["path_params"] = route, _read(route, match)
                return await route.answer(scope, receive, send)
        if not fitting:
            return await self.app(scope, receive, send)
        await _other_method({m for route, _ in fitting for m in route.verbs}, scope)(
            scope, receive, send
        )


def _read(route: DirectRoute, match: re.Match[str]) -> dict[str, Any]:
    """The parts of the path, as the convertors of the route read them."""
    return {n: route.param_convertors[n].convert(text) for n, text in match.groupdict().items()}


def _other_method(allowed: set[str], scope: Scope) -> Response:
    """Raises MethodNotAllowed, but to OPTIONS."""
    head = {"HEAD"} if "GET" in allowed else set()
    refusal = MethodNotAllowed({*allowed, *head, "OPTIONS"})
    if scope["method"] != "OPTIONS":
        raise refusal
    return Response(status_code=204, headers=refusal.headers)


def _place(path: str) -> Place:
    """`customers` and how many parts it has; the `$` of a route bears a line feed."""
    if not path.startswith("/v1/") or path[-1] == "\n":
        return "", 0
    return path.split("/", 3)[2], path.count("/")


class IdConvertor(Convertor[UUID]):
    """`{id:cus}` in a path: anything else is a plain 404."""

    def __init__(self, prefix: Prefix) -> None:
        self.prefix = prefix
        self.regex = prefix.pattern  # type: ignore[misc]

    def convert(self, value: str) -> UUID:
        return self.prefix.read(value)

    def to_string(self, value: Any) -> str:
        return self.prefix.write(value)


def ids_in_paths(*prefixes: Prefix) -> None:
    for prefix in prefixes:
        register_url_convertor(prefix.name, IdConvertor(prefix))
