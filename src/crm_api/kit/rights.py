"""Which fields of records a caller may ask by: those whose values he may see."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from .actor import Actor
from .columns import personal
from .context import Context
from .criteria import Criterion, Sees
from .db import Base
from .errors import Forbidden
from .query import ListQuery
from .ruled import NO_MASKS, Masks, hidden
from .schema import Read
from .scopes import lacking
from .sight import Seen
from .words import say


def _any(scopes: Collection[str]) -> bool:
    return True


def _all(model: type[Base]) -> Seen | None:
    return None


@dataclass(frozen=True, slots=True)
class Rights:
    """`masked` keys do not see everything; `may` says whether the caller holds some scopes, `sees`
    which records of a noun he sees, null for all; `masks` are the fields that his roles hide."""

    masked: bool = False
    may: Callable[[Collection[str]], bool] = _any
    sees: Sees = _all
    masks: Masks = NO_MASKS

    def refusal(self, known: Criterion) -> Forbidden | None:
        """Why the caller cannot ask by a field."""
        if known.secret and self.masked:
            return _masked(known.name)
        if known.ruled in self.masks:
            return _hidden(known.name)
        return lacking(known.scope) if known.scope and not self.may([known.scope]) else None


ALL = Rights()


def rights_of(ctx: Context) -> Rights:
    actor = ctx.actor

    def sees(model: type[Base]) -> Seen | None:
        return model.sight.of(actor) if model.sight else None

    return Rights(actor.masked, actor.may, sees, actor.masks)


def check_clear(actor: Actor, read: type[Read], query: ListQuery) -> None:
    """Whoever may not see a value may not find out about it by asking for it either.

    Raises Forbidden.
    """
    if actor.masked and (asked := _asking(query, personal(read))):
        raise _masked(asked)
    if actor.masks and (asked := _asking(query, hidden(read, actor.masks))):
        raise _hidden(asked)


def _asking(query: ListQuery, fields: Collection[str]) -> str:
    """The parameters in use that ask about any of some fields."""
    asked = {p: query.reveals.get(p, (p.partition("__")[0],)) for p in query.used()}
    return ", ".join(sorted(p for p, about in asked.items() if not set(about).isdisjoint(fields)))


def _masked(filters: str) -> Forbidden:
    return Forbidden(
        say("This key sees masked data, so it cannot ask by {filters}.", filters=filters)
    )


def _hidden(filters: str) -> Forbidden:
    return Forbidden(say("Your roles hide what you ask by: {filters}.", filters=filters))
