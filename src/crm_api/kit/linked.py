"""Records that a record names: of one noun, or of any.

Those of any noun are named by their ids as the contract has them, each once; a table of its own
finds the record by them, and says in `info={"links": ...}` which of its columns has the ids.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from .any_ids import AnyId
from .context import Context
from .db import Base
from .errors import Archived, Conflict, FieldError, UnknownReference
from .looking import held_of, seen_of
from .resource import Resource, declared
from .words import say
from .writer import Writer

MOST_LINKED = 20
Ids = Iterable[AnyId]


class ArchivedThere(Archived):
    """A record that is named is archived."""

    def __init__(self, noun: Resource, places: Iterable[str]) -> None:
        code, message = f"{noun.word}_archived", say("Restore it, or send another one.")
        wrong: list[FieldError] = [
            {"pointer": place, "code": code, "message": message} for place in places
        ]
        Conflict.__init__(self, say("A record that is named is archived."), *wrong)


class Held:
    """Records of a noun that the caller sees, with some of their columns: each is looked for once,
    and is as it was found until the commit."""

    def __init__(self, ctx: Context, noun: Resource, *names: str) -> None:
        self.ctx, self.noun, self.names = ctx, noun, names
        self.rows: dict[UUID, Row[Any]] = {}

    async def look_up(self, ids: Iterable[UUID]) -> None:
        """At once."""
        wanted = set(ids) - self.rows.keys()
        if wanted:
            found = await held_of(self.ctx, self.noun.model, wanted, "state", *self.names)
            self.rows |= {row.id: row for row in found}

    async def check(self, named: Mapping[str, UUID]) -> None:
        """That they are live, by where they stand in a body. Raises UnknownReference,
        ArchivedThere."""
        await self.look_up(named.values())
        lost = [place for place, id in named.items() if id not in self.rows]
        if lost:
            raise UnknownReference(*lost)
        rows = self.rows
        if gone := [place for place, id in named.items() if rows[id].state == "archived"]:
            raise ArchivedThere(self.noun, gone)


class Linked:
    """Records of any noun: each is looked for once."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.there: set[str] = set()

    async def check(self, before: Ids, sent: Sequence[AnyId], pointer: str) -> None:
        """What was not named before, and is not there for the caller, or not his to read.

        Raises UnknownReference.
        """
        known = set(before)
        named = ((f"{pointer}/{n}", id) for n, id in enumerate(sent))
        await self.check_named({place: id for place, id in named if id not in known})

    async def check_named(self, named: Mapping[str, AnyId]) -> None:
        """By the pointers to where they stand. Raises UnknownReference."""
        await self.look_up(named.values())
        if lost := [place for place, id in named.items() if id not in self.there]:
            raise UnknownReference(*lost)

    async def look_up(self, ids: Ids) -> None:
        """At once, those of each noun."""
        wanted = set(ids) - self.there
        for noun in declared.values() if wanted else ():
            mine = [id for id in wanted if id.startswith(f"{noun.prefix.name}_")]
            if mine and self.ctx.actor.may([noun.scope]):
                found = await seen_of(self.ctx, noun.model, map(noun.prefix.read, mine))
                self.there |= {noun.prefix.write(id) for id in found}


def each_once(ids: Ids) -> list[str]:
    return list(dict.fromkeys(ids))


def relink(
    records: Writer[Any, Any], table: type[Base], record: dict[str, UUID], before: Ids, after: Ids
) -> None:
    """The rows of `table` by which others find a record, from now on; `record` is its key there."""
    gone, come = set(before), set(after)
    for id in sorted(gone - come):
        records.unlink(table, record_id=id, **record)
    for id in sorted(come - gone):
        records.link(table, record_id=id, **record)
