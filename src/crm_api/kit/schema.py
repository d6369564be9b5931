"""The shapes that cross the wire, and the strict types that they are made of."""

from collections.abc import Mapping, Set
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from .db import Base
from .forms import form
from .times import Timestamp
from .words import Words, say

CONTROLS = r"\u0000-\u001f\u007f"
SPACES = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


LINE = f"^[^{CONTROLS}]*[^{CONTROLS}{SPACES}][^{CONTROLS}]*$"
Line = Annotated[str, form(LINE, say("Send one line of text that is not blank."))]
"""Something to see, and no line breaks; longer text may have several lines."""
LANGUAGE = "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"
LanguageTag = Annotated[
    str,
    form(
        LANGUAGE,
        say("Send a language tag such as zh-CN or en."),
        description="BCP 47 language tag.",
        examples=["zh-CN", "en"],
    ),
]
CountryCode = Annotated[
    str,
    form(
        "^[A-Z]{2}$",
        say("Send two capital letters, such as CN."),
        description="ISO 3166-1 alpha-2 country.",
        examples=["CN"],
    ),
]


class OpenEnum:
    """An enum in an answer: `Annotated[str, OpenEnum(State)]`. Clients must bear new values.

    `labels` say what its values are called: fields that may be asked about need them.
    """

    def __init__(self, kind: type[StrEnum], **labels: Words) -> None:
        self.kind, self.labels = kind, labels

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        values = [member.value for member in self.kind]
        return {**handler(schema), "x-extensible-enum": values, "examples": values[:1]}


def live_or_archived(kind: type[StrEnum]) -> OpenEnum:
    """The states of records that are archived, and restored."""
    return OpenEnum(kind, live=say("Live"), archived=say("Archived"))


class Input(BaseModel):
    """What a caller sends, as a body or a query: nothing unknown.

    `kept` are the parts that are kept in the contract's own spelling.
    """

    model_config = ConfigDict(extra="forbid")
    kept: ClassVar[Set[str]] = frozenset()

    def changes(self) -> dict[str, Any]:
        """Only what the caller sent; a field that is MISSING is left out by pydantic."""
        if not self.kept:
            return self.model_dump()
        parts = set(self.kept)
        return self.model_dump(exclude=parts) | self.model_dump(mode="json", include=parts)


class Read(BaseModel):
    """What we answer, and which table it is read from: `kit.projection` writes it as JSON.

    No field has a default, so the contract says that each is always there. `ruled` are the fields
    that roles may hide or keep from being changed, by the members and columns that tell of them.
    """

    model_config = ConfigDict(frozen=True)
    table: ClassVar[type[Base]]
    ruled: ClassVar[Mapping[str, str]] = {}


class EntityRead(Read):
    id: UUID
    object: str
    version: Annotated[
        int, Field(description="Grows by one with every change; the ETag carries it.", examples=[1])
    ]
    created_at: Annotated[Timestamp, Field(title=say("Created"))]
    updated_at: Annotated[Timestamp, Field(title=say("Changed"))]
