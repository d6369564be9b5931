"""What belongs to users and goes to others when they leave; nouns say it in their `resource.py`."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table

from crm_api.kit.db import table_of
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

belongings: dict[str, "Belongings"] = {}
"""By the word of the noun: `team`, `unit_profile`."""


@dataclass(frozen=True, slots=True, eq=False)
class Sole:
    """A role that one user has, whom a column names: `Sole("owner", PROFILES.c.owner_id)`."""

    role: str
    column: "Column[Any]"

    @property
    def reference(self) -> str:
        """The foreign key that leads to the user."""
        return f"{self.column.table.name}.{self.column.name}"


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """A role that several have: `column` lists their ids as the contract has them, and a table
    with a `user_id` finds records by them; `found` is its column with the record's id.

    Who is in the column `beside` is not listed as well. A role that does not `pass` to others ends.
    """

    role: str
    column: "Column[Any]"
    found: "Column[Any]"
    beside: "Column[Any] | None" = None
    passes: bool = True

    @property
    def reference(self) -> str:
        return f"{self.found.table.name}.user_id"


@dataclass(frozen=True, slots=True, eq=False)
class Belongings:
    """The roles of users in the records of a noun, those that one user has first.

    Records are handed over while the column `state` has one of the values of `live`. It is their
    own, or that of the record that their column `of` names, and that they are changed with.
    """

    noun: Resource
    roles: "tuple[Sole | Shared, ...]"
    state: "Column[Any]"
    live: tuple[str, ...]
    of: "Column[Any] | None" = None

    @property
    def table(self) -> Table:
        return table_of(self.noun.model)

    @property
    def unit(self) -> "Column[Any] | None":
        """Of the unit that a record stands in."""
        return residents.get(self.noun.word)
