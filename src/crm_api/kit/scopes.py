"""What a caller may do, as text, and who may give it to others."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from .context import Context
from .covering import WILDCARDS
from .errors import Forbidden, Invalid
from .forms import form
from .words import say

RIGHTS = {
    "read": "Read {}.",
    "write": "Create and change {}.",
    "export": "Have {} written into files, with `{}:read`.",
    "bulk": "Change many {} by one request, with `{}:write`.",
    "merge": "Make one record of two {}.",
    "unmask": "See {} whole that are masked, one at a time; the audit tells of it.",
    "purge": "Delete {} for good.",
    "approve": "Approve {}.",
    "reopen": "Take up {} again that are closed, with `{}:write`.",
    "act_as": "Act in the name of {}.",
    "deliver": "Hand in what has come by {}.",
}
"""What can be done with a noun: `customers:export`. Some operation asks for each that is known."""
Scope = Annotated[
    str,
    form(
        f"^([a-z_]{{1,40}}:({'|'.join(RIGHTS)})|[*](:read)?)$",
        say("Send a noun and what to do with it, such as orders:read, or *:read or *."),
        examples=["customers:read"],
        json_schema_extra={"format": "scope"},
    ),
]
Scopes = Annotated[
    list[Scope],
    Field(max_length=200, examples=[["customers:read", "customers:write"]]),
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
        raise lacking(*sorted(ctx.actor.lacks(scopes)))


def lacking(*missing: str) -> Forbidden:
    return Forbidden(
        say("This needs a key with the scope {scopes}.", scopes=", ".join(missing)),
        missing_scope=list(missing),
    )


def check_given(ctx: Context, scopes: Iterable[str], pointer: str = "/scopes") -> None:
    """Nobody gives more than he holds, now or when later releases add to a wildcard.

    Raises: Invalid for scopes that no operation needs, Forbidden for those that the actor lacks.
    """
    wanted = set(scopes)
    check_known(ctx, wanted, pointer)
    if not ctx.actor.may(wanted):
        raise Forbidden(say("Only scopes that you hold yourself can be given."))


def check_known(ctx: Context, scopes: Iterable[str], pointer: str) -> None:
    """Raises Invalid for scopes that no operation needs."""
    wanted, known = set(scopes), ctx.house.scopes
    if not known.issuperset(wanted - WILDCARDS):
        message = say("Known scopes: {scopes}.", scopes=", ".join(sorted(known)))
        raise Invalid(
            say("Scopes are asked for that no operation needs."),
            {"pointer": pointer, "code": "scope_unknown", "message": message},
        )
