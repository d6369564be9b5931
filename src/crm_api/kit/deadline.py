"""How long a request may take; then it is undone, and its caller told."""

import asyncio
from collections.abc import MutableMapping
from time import monotonic
from types import TracebackType
from typing import Any

from .errors import Unavailable
from .metrics import Metrics
from .words import say

LOOK = 0.1


class Deadlines:
    """One timer for all requests of a process: a timer for each would cost 10 µs."""

    def __init__(self, seconds: float, metrics: Metrics) -> None:
        self.seconds, self.metrics = seconds, metrics
        self._open: set[Deadline] = set()
        self._looking = False

    def watch(self, deadline: "Deadline") -> None:
        self._open.add(deadline)
        if not self._looking:
            self._look_later()

    def forget(self, deadline: "Deadline") -> None:
        self._open.discard(deadline)

    def _look_later(self) -> None:
        self._looking = True
        asyncio.get_running_loop().call_later(LOOK, self._look)

    def _look(self) -> None:
        self._looking, now = False, monotonic()
        for deadline in [each for each in self._open if each.ends <= now]:
            self._open.discard(deadline)
            deadline.miss()
        if self._open:
            self._look_later()


class Deadline:
    """`with Deadline(house.deadlines, scope)`: what is inside is cancelled when its time is over.

    A statement that runs then leaves its connection closed, so that its transaction is undone.
    While a body arrives the time stands still: `kit.guard` has a deadline of its own for that.
    """

    __slots__ = ("ends", "missed", "of", "pending", "task")

    def __init__(self, of: Deadlines, scope: MutableMapping[str, Any]) -> None:
        self.of, self.missed = of, False
        self.ends = monotonic() + of.seconds
        scope["deadline"] = self

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.task, self.pending = task, task.cancelling()
        self.of.watch(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.of.forget(self)
        if not self.missed or self.task.uncancel() > self.pending:
            return
        if kind is not None and issubclass(kind, asyncio.CancelledError):
            self.of.metrics.refused("deadline")
            raise Unavailable(
                say(
                    "The request took longer than {seconds:g} seconds and was given up: repeat it "
                    "in a moment.",
                    seconds=self.of.seconds,
                )
            ) from error

    def miss(self) -> None:
        self.missed = True
        self.task.cancel()

    def pause(self) -> None:
        self.of.forget(self)

    def begin_anew(self) -> None:
        self.ends = monotonic() + self.of.seconds
        self.of.watch(self)
