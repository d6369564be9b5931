"""Records of any noun that a record is linked to: by their ids as the contract has them, each once;
a table of their own finds the record by them.

Such a table says in `info={"links": ...}` which of its columns has the ids.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from .any_ids import AnyId
from .context import Context
from .db import Base
from .errors import UnknownReference
from .looking import seen_of
from .repository import Repository
from .resource import declared

MOST_LINKED = 20
Ids = Iterable[AnyId]


class Linked:
    """Which records are there: each is looked for once in a unit of work."""

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
    records: Repository[Any, Any],
    table: type[Base],
    record: dict[str, UUID],
    before: Ids,
    after: Ids,
) -> None:
    """The rows of `table` by which others find a record, from now on; `record` is its key there."""
    gone, come = set(before), set(after)
    for id in sorted(gone - come):
        records.unlink(table, record_id=id, **record)
    for id in sorted(come - gone):
        records.link(table, record_id=id, **record)
