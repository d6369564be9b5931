"""What a caller may do, as text, and who may give it to others."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from .actor import EVERYTHING
from .context import Context
from .errors import Forbidden, Invalid
from .forms import form
from .words import say

Scope = Annotated[
    str,
    form(
        "^([a-z_]{1,40}:(read|write|act_as)|[*])$",
        say("Send a noun and what to do with it, such as orders:read, or *."),
        examples=["customers:read"],
        json_schema_extra={"format": "scope"},
    ),
]
Scopes = Annotated[
    list[Scope],
    Field(max_length=100, examples=[["customers:read", "customers:write"]]),
]


class AsksByMasked(Forbidden):
    """Whoever may not see a value may not find out about it by asking for it either."""

    def __init__(self, *filters: str) -> None:
        asked = ", ".join(filters)
        super().__init__(
            say("This key sees masked data, so it cannot ask by {filters}.", filters=asked)
        )


def require(ctx: Context, *scopes: str) -> None:
    """Raises Forbidden, which names what the caller lacks."""
    if not ctx.actor.may(scopes):
        raise lacking(*sorted(set(scopes) - ctx.actor.scopes))


def lacking(*missing: str) -> Forbidden:
    return Forbidden(
        say("This needs a key with the scope {scopes}.", scopes=", ".join(missing)),
        missing_scope=list(missing),
    )


def check_given(ctx: Context, scopes: Iterable[str], pointer: str = "/scopes") -> None:
    """Nobody gives more than he holds.

    Raises: Invalid for scopes that no operation needs, Forbidden for those that the actor lacks.
    """
    wanted = set(scopes)
    check_known(ctx, wanted, pointer)
    if not ctx.actor.may(wanted):
        raise Forbidden(say("Only scopes that you hold yourself can be given."))


def check_known(ctx: Context, scopes: Iterable[str], pointer: str) -> None:
    """Raises Invalid for scopes that no operation needs."""
    wanted, known = set(scopes), ctx.house.scopes
    if not known.issuperset(wanted - {EVERYTHING}):
        message = say("Known scopes: {scopes}.", scopes=", ".join(sorted(known)))
        raise Invalid(
            say("Scopes are asked for that no operation needs."),
            {"pointer": pointer, "code": "scope_unknown", "message": message},
        )
