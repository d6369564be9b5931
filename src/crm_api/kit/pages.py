"""One page of a collection, as it crosses the wire."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Generic, TypeVar

from pydantic import MISSING, BaseModel, Field

from .schema import OpenEnum, Read

COUNTED = 10_000
NO_MORE = b'false,"next_cursor":null'
R = TypeVar("R", bound=Read)


class Relation(StrEnum):
    eq = "eq"
    gte = "gte"


class Total(BaseModel):
    """How many records there are in all."""

    value: Annotated[int, Field(ge=0, examples=[2417])]
    relation: Annotated[
        str,
        OpenEnum(Relation),
        Field(description="`eq`: exactly so many. `gte`: so many have been counted, and no more."),
    ]


class Page(BaseModel, Generic[R]):
    """One page of a collection; follow `next_cursor` until it is null."""

    data: list[R]
    has_more: Annotated[bool, Field(description="Whether there is a page after this one.")]
    next_cursor: Annotated[
        str | None, Field(description="Send it as `cursor` for the next page; null on the last.")
    ]
    total: Annotated[
        Total | MISSING,
        Field(
            description="Only there when `include` asks for it.",
            json_schema_extra={"x-included-by": "include"},
        ),
    ] = MISSING


@dataclass(frozen=True, slots=True)
class Listing:
    """The JSON of one `Page`."""

    body: bytes
    next_cursor: str | None

    def with_total(self, counted: int) -> "Listing":
        relation = Relation.gte if counted > COUNTED else Relation.eq
        told = f',"total":{{"value":{min(counted, COUNTED)},"relation":"{relation}"}}}}'
        return replace(self, body=self.body[:-1] + told.encode())


def listing(items: bytes, following: str | None) -> Listing:
    """A page of these items, with commas between."""
    more = b'true,"next_cursor":"%b"' % following.encode() if following else NO_MORE
    return Listing(b'{"data":[%b],"has_more":%b}' % (items, more), following)
