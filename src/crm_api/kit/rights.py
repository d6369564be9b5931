"""Which fields of records a caller may ask by: those whose values he may see."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from .context import Context
from .criteria import Criterion, Sees
from .db import Base
from .errors import Forbidden
from .scopes import AsksByMasked, lacking
from .sight import Seen


def _any(scopes: Collection[str]) -> bool:
    return True


def _all(model: type[Base]) -> Seen | None:
    return None


@dataclass(frozen=True, slots=True)
class Rights:
    """`masked` keys do not see everything; `may` says whether the caller holds some scopes, `sees`
    which records of a noun he sees, null for all."""

    masked: bool = False
    may: Callable[[Collection[str]], bool] = _any
    sees: Sees = _all

    def refusal(self, known: Criterion) -> Forbidden | None:
        """Why the caller cannot ask by a field."""
        if known.secret and self.masked:
            return AsksByMasked(known.name)
        return lacking(known.scope) if known.scope and not self.may([known.scope]) else None


ALL = Rights()


def rights_of(ctx: Context) -> Rights:
    actor = ctx.actor

    def sees(model: type[Base]) -> Seen | None:
        return model.sight.of(actor) if model.sight else None

    return Rights(actor.masked, actor.may, sees)
