"""Who does which kind of work; features fill it in their `jobs.py`."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .run import Run

Handler = Callable[["Run"], Awaitable[None]]


class UnknownKind(LookupError):
    """This process is of a release that does not know this kind of job yet, or no more."""


class TurnOver(Exception):
    """It has worked for a while: others have their turn, and then it goes on."""


class Jobs:
    """`@work.on("customers.export")`: whoever has such a job is given its `Run`.

    A handler may be begun again at any time: it goes on from its checkpoint, and does nothing
    outside the steps of its run.
    """

    def __init__(self, *others: "Jobs") -> None:
        self._handlers: dict[str, Handler] = {}
        for other in others:
            self._handlers |= other._handlers

    def on(self, kind: str) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self._handlers[kind] = handler
            return handler

        return register

    async def do(self, run: "Run") -> None:
        if run.kind not in self._handlers:
            raise UnknownKind(run.kind)
        await self._handlers[run.kind](run)
