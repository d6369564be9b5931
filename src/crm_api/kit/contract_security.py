"""How callers show who they are, in words of OpenAPI."""

from collections.abc import Iterable
from typing import Any

from .covering import EVERY_READ, EVERYTHING
from .scopes import RIGHTS

Json = dict[str, Any]
WILDCARDS = {
    EVERYTHING: "Everything, also what later releases add.",
    EVERY_READ: "All scopes that end in `:read`, also those that later releases add.",
}
BEARER = (
    "An API key, an access token of `POST /oauth/token`, or an access token (JWT) of an identity "
    "provider that the tenant trusts. Each operation lists the scopes it needs, of: {scopes}."
)
OAUTH = (
    "For programs that want a token for a while: RFC 6749, client credentials. The client is an "
    "API key: `client_id` is its id, `client_secret` the key itself. Errors of this one address "
    "have the form of RFC 6749, 5.2."
)


def secure(document: Json, scopes: Iterable[str]) -> None:
    """In place: the ways in, and that each operation takes any of them."""
    listed = sorted(scopes)
    schemes = document["components"]["securitySchemes"]
    schemes["bearer"]["description"] = BEARER.format(scopes=", ".join(listed))
    told = WILDCARDS | {scope: _meaning(scope) for scope in listed}
    flow = {"tokenUrl": "/oauth/token", "scopes": told}
    schemes["oauth2"] = {
        "type": "oauth2",
        "description": OAUTH,
        "flows": {"clientCredentials": flow},
    }
    for item in document["paths"].values():
        for operation in item.values():
            operation["security"] += [{"oauth2": way["bearer"]} for way in operation["security"]]


def _meaning(scope: str) -> str:
    noun, _, right = scope.partition(":")
    return RIGHTS[right].format(noun.replace("_", " "), noun)
