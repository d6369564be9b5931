"""Ids of records of any noun: a column beside the id tells the noun, as events' names do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Text, Uuid, and_, bindparam, case, func

from .columns import Columns, hexadecimal
from .filters import Form, Plain
from .forms import form
from .ids import ANY_ID
from .resource import declared
from .statement import number, quoted
from .words import say

UNKNOWN = "unk"
"""The prefix of a noun that this release does not know."""
AnyId = Annotated[
    str,
    form(
        f"^{ANY_ID}$",
        say("Send the id of a record, as the API has told it."),
        max_length=64,
        examples=["cus_019a2b7c4d5e7f60a1b2c3d4e5f60718"],
    ),
]


def noun_of(type: ColumnElement[str]) -> ColumnElement[str]:
    """`customer`, of `customer.created`."""
    return func.split_part(type, quoted("."), number(1))


@dataclass(frozen=True, slots=True)
class IdByType:
    """A field that is an id with the prefix of the noun that the column `type` begins with."""

    id: str
    type: str

    def written(self, row: Columns) -> ColumnElement[Any]:
        known = {word: quoted(found.prefix.name) for word, found in declared.items()}
        prefix = case(known, value=noun_of(row[self.type]), else_=quoted(UNKNOWN))
        return prefix.concat(quoted("_")).concat(hexadecimal(row[self.id]))


@dataclass(frozen=True, slots=True)
class WhereAnyId(Plain):
    """Binds an `AnyId` to such columns; an id with another noun's prefix finds nothing."""

    id: str
    type: str

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        noun = bindparam(f"{name}_noun", type_=Text())
        same = table.c[self.id] == bindparam(name, type_=Uuid())
        return and_(same, noun_of(table.c[self.type]) == noun)

    def values(self, name: str, value: Any, tenant: UUID) -> Mapping[str, Any]:
        prefix, _, digits = value.partition("_")
        words = [word for word, found in declared.items() if found.prefix.name == prefix]
        return {name: UUID(hex=digits), f"{name}_noun": words[0] if words else UNKNOWN}
