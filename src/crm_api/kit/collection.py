"""Collections, by their names in URLs, scopes and queries."""

from collections.abc import Iterable
from typing import Annotated

from .errors import FieldError, Invalid
from .forms import form
from .words import say

CollectionName = Annotated[
    str,
    form(
        "^[a-z][a-z_]*$",
        say("Send the name of a collection, such as customers."),
        max_length=40,
        examples=["customers"],
    ),
]


class UnknownCollection(Invalid):
    """Where the name of a collection should stand; `known` are those that would do."""

    def __init__(self, pointer: str, known: Iterable[str]) -> None:
        message = say("Send one of {choices}.", choices=", ".join(sorted(known)))
        wrong = FieldError(pointer=pointer, code="unknown_resource", message=message)
        super().__init__(say("There is no such collection."), wrong)
