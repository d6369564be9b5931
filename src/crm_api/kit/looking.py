"""Which records of any noun a caller sees, and with them what is told of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, FromClause, Row, Uuid, and_, bindparam, func, select

from .actor import Actor
from .any_ids import noun_of
from .context import Context
from .covering import EVERYTHING
from .db import Base, table_of
from .filters import Form
from .resource import declared
from .sight import Deed, Seen, bound, seen_by, visible
from .statement import Statement, in_tenant, quoted


async def seen_of(
    ctx: Context, model: type[Base], ids: Iterable[UUID], deed: Deed = "read"
) -> set[UUID]:
    """Those of these records that are there, and that the caller sees, or may change."""
    seen = seen_by(ctx.actor, model, deed)
    asked = {"ids": list(ids), **bound(seen)}
    return set(await ctx.work.fetch(_those(model, seen), asked) or ())


@lru_cache
def _those(model: type[Base], seen: Seen | None) -> Statement:
    table = table_of(model)
    wanted = bindparam("ids", type_=ARRAY(Uuid())).any_()
    found = select(func.array_agg(table.c.id)).where(*visible(table, seen), table.c.id == wanted)
    return in_tenant(found.scalar_subquery())


async def held_of(
    ctx: Context, model: type[Base], ids: Iterable[UUID], *names: str, deed: Deed = "read"
) -> Sequence[Row[Any]]:
    """Their ids, and what stands in these columns until the commit."""
    table, seen = table_of(model), seen_by(ctx.actor, model, deed)
    wanted = table.c.id == bindparam("held", type_=ARRAY(Uuid())).any_()
    held = select(table.c.id, *(table.c[name] for name in names))
    held = held.where(*visible(table, seen), wanted).order_by(table.c.id)
    asked = {"held": list(ids), **bound(seen)}
    return await ctx.work.rows(held.with_for_update(read=True), asked)


@dataclass(frozen=True, slots=True)
class ByObject:
    """Rows that tell of records, of any noun: who does not see a record is not told of it.

    `type` begins with the word of the noun, `object_id` names the record.
    """

    def of(self, actor: Actor, deed: Deed = "read") -> Seen | None:
        if not actor.reach.is_limited:
            return None
        form = tuple(_limited(actor))
        return Seen(self, form, bound(*(seen for _, seen in form)))

    def condition(self, table: FromClause, form: Form) -> ColumnElement[bool]:
        assert isinstance(form, tuple)
        return and_(*(self._seen(table, word, seen) for word, seen in form))

    def _seen(self, table: FromClause, word: str, seen: Seen) -> ColumnElement[bool]:
        record = table_of(declared[word].model)
        found = select(record.c.id).where(*visible(record, seen), record.c.id == table.c.object_id)
        other = noun_of(table.c.type) != quoted(word)
        return other | found.correlate_except(record).exists()


def _limited(actor: Actor) -> Iterator[tuple[str, Seen]]:
    """The nouns of which somebody does not see all, with what he sees."""
    for word, noun in sorted(declared.items()):
        if seen := seen_by(actor, noun.model):
            yield word, seen


def sees_events(actor: Actor, word: str) -> bool:
    """Whether somebody is told of the records of a noun: of all that he sees.

    Where each sees others, whoever is not limited is told of none, unless he may do everything.
    """
    noun = declared[word]
    every = seen_by(actor, noun.model) is None
    told = every or actor.reach.is_limited or EVERYTHING in actor.scopes
    return told and actor.may([noun.scope])
