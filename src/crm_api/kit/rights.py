"""Which fields of records a caller may ask by: those whose values he may see."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from .context import Context
from .criteria import Criterion
from .errors import Forbidden
from .scopes import lacking
from .words import say


def _any(scopes: Collection[str]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Rights:
    """`masked` keys do not see everything; `may` says whether the caller holds some scopes."""

    masked: bool = False
    may: Callable[[Collection[str]], bool] = _any

    def refusal(self, known: Criterion) -> Forbidden | None:
        """Why the caller cannot ask by a field."""
        if known.secret and self.masked:
            return Forbidden(
                say("This key sees masked data, so it cannot ask by {filters}.", filters=known.name)
            )
        return lacking(known.scope) if known.scope and not self.may([known.scope]) else None


ALL = Rights()


def rights_of(ctx: Context) -> Rights:
    return Rights(ctx.actor.masked, ctx.actor.may)
