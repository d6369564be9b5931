"""The bodies of searches, for whoever keeps one to ask it later."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from .asking import asker
from .catalogue import Catalogue
from .context import Context
from .errors import FieldError, Invalid
from .filtering import order
from .mistakes import mistakes
from .query import ListQuery
from .words import say

searches: dict[str, type[ListQuery]] = {}
"""What the search of each collection takes, by the collection's name in the URL."""
AT = "/search"


def check_search(
    ctx: Context, catalogue: Catalogue, resource: str, body: Mapping[str, Any]
) -> None:
    """Whether this caller could ask so now. Raises Invalid, Forbidden."""
    if "cursor" in body:
        raise _wrong(_told("/cursor", say("A kept search begins at its first page.")))
    try:
        query = searches[resource].model_validate(body)
    except ValidationError as error:
        raise _wrong(*mistakes("body", error, body)) from error
    understood = asker(ctx, catalogue)
    try:
        understood.meant(filter=getattr(query, "filter", None))
        order(understood, query)
    except Invalid as error:
        raise _wrong(*error.errors) from error


def _told(pointer: str, message: Any) -> FieldError:
    return {"pointer": pointer, "code": "not_kept", "message": message}


def _wrong(*errors: FieldError) -> Invalid:
    moved = [error | {"pointer": f"{AT}{error['pointer']}"} for error in errors]
    return Invalid(say("The search cannot be asked."), *moved)
