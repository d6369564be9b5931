"""Which fields of records a caller may ask by: those whose values he may see."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from .actor import Actor
from .columns import personal
from .context import Context
from .criteria import Criterion, Sees
from .db import Base
from .errors import Forbidden
from .ruled import NO_MASKS, Masks, hidden
from .schema import Read
from .scopes import AsksByMasked, lacking
from .sight import Seen, seen_by
from .words import say


def _any(scopes: Collection[str]) -> bool:
    return True


def _all(model: type[Base]) -> Seen | None:
    return None


class AsksByHidden(Forbidden):
    """As `AsksByMasked`, of what somebody's roles hide."""

    def __init__(self, *filters: str) -> None:
        asked = ", ".join(filters)
        super().__init__(say("Your roles hide what you ask by: {filters}.", filters=asked))


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
            return AsksByMasked(known.name)
        if known.ruled in self.masks:
            return AsksByHidden(known.name)
        return lacking(known.scope) if known.scope and not self.may([known.scope]) else None


ALL = Rights()


def rights_of(ctx: Context) -> Rights:
    actor = ctx.actor
    return Rights(actor.masked, actor.may, partial(seen_by, actor), actor.masks)


def check_clear(
    actor: Actor, read: type[Read], asked: Iterable[str], reveals: Mapping[str, Collection[str]]
) -> None:
    """Whoever may not see a value may not find out about it by asking for it either.

    `asked` are parameters, `reveals` the fields that they ask about, where those are not the ones
    of their names. Raises AsksByMasked, AsksByHidden.
    """
    if not actor.masked and not actor.masks:
        return
    about = {name: reveals.get(name, (name.partition("__")[0],)) for name in asked}
    if actor.masked and (found := _about(about, personal(read))):
        raise AsksByMasked(*found)
    if found := _about(about, hidden(read, actor.masks)):
        raise AsksByHidden(*found)


def _about(asked: Mapping[str, Collection[str]], fields: frozenset[str]) -> list[str]:
    return sorted(name for name, about in asked.items() if not fields.isdisjoint(about))
