"""What goes on after a request has no token: only rights count there that somebody has without."""

from collections.abc import Collection, Iterable

from .actor import Actor
from .covering import common, covers
from .errors import Forbidden
from .words import say


class OnlyByToken(Forbidden):
    """Rights that a token gives end with the token."""

    def __init__(self, scopes: Collection[str]) -> None:
        super().__init__(
            say(
                "This goes on without your token, which alone gives you {scopes}: it takes a role "
                "that is assigned to you.",
                scopes=", ".join(scopes),
            ),
            missing_scope=list(scopes),
        )


def lasting(actor: Actor) -> frozenset[str]:
    """The scopes of somebody that do not end with his token."""
    return actor.scopes if actor.lasting is None else common(actor.scopes, actor.lasting)


def check_lasting(actor: Actor, scopes: Iterable[str]) -> None:
    """Raises OnlyByToken for what he has by a token alone."""
    if actor.lasting is None:
        return
    if ending := sorted(scope for scope in scopes if not covers(actor.lasting, [scope])):
        raise OnlyByToken(ending)
