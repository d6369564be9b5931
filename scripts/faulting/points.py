"""Where a process kills itself: a request says it in a header, so nothing else dies of it."""

import asyncio
import os
import random
import signal
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime
from uuid import UUID

from starlette.types import ASGIApp, Receive, Scope, Send

from crm_api.features.desk.handling import jobs
from crm_api.kit.context import Context
from crm_api.kit.pool import Line
from crm_api.kit.timers import Lease
from crm_api.kit.transaction import Transaction
from crm_api.kit.work import Answer, Kept, UnitOfWork

HEADER, DAWDLE = "Die", "Dawdle"
AFTER_BEGIN, IN_FLIGHT, BEFORE_COMMIT, AFTER_COMMIT = (
    "after BEGIN",
    "statement in flight",
    "before COMMIT",
    "after COMMIT",
)
POINTS = (AFTER_BEGIN, IN_FLIGHT, BEFORE_COMMIT, AFTER_COMMIT)
LONGEST_FLIGHT = 0.004
_point: ContextVar[str] = ContextVar("point", default="")
_dawdle: ContextVar[float] = ContextVar("dawdle", default=0.0)


class Mortal:
    """Reads the headers: where a request dies, and how long it may wait before it commits."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            said = dict(scope["headers"])
            _point.set(said.get(HEADER.lower().encode(), b"").decode())
            _dawdle.set(float(said.get(DAWDLE.lower().encode(), 0)))
        await self.app(scope, receive, send)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _reach(point: str) -> None:
    if _point.get() == point:
        _die()


def install() -> None:
    """From here on the classes of the kit stop at the points. A single statement that commits by
    itself is over where a transaction would say COMMIT."""
    _around_begin()
    _around_end()
    _around_write()


def doom(points: Sequence[str], one_in: int) -> None:
    """One in so many looks at a ticket whose time has come is the last of its worker."""
    come = jobs.come

    async def come_or_die(ctx: Context, lease: Lease) -> datetime | None:
        if random.randrange(one_in) == 0:
            _point.set(random.choice(points))
        return await come(ctx, lease)

    jobs.come = come_or_die


def _around_begin() -> None:
    begin = Transaction.begin

    async def begin_or_die(self: Transaction) -> Line:
        line = await begin(self)
        _reach(AFTER_BEGIN)
        return line

    Transaction.begin = begin_or_die  # type: ignore[method-assign]


def _around_end() -> None:
    end = Transaction.end

    async def end_or_die(self: Transaction, verb: str) -> None:
        if verb == "COMMIT":
            _reach(BEFORE_COMMIT)
            await asyncio.sleep(random.random() * _dawdle.get())
        await end(self, verb)
        if verb == "COMMIT":
            _reach(AFTER_COMMIT)

    Transaction.end = end_or_die  # type: ignore[method-assign]


def _around_write() -> None:
    write = UnitOfWork._write

    async def write_or_die(
        self: UnitOfWork, answer: UUID | None, keep: Kept | None = None
    ) -> Answer | None:
        if _point.get() == IN_FLIGHT:
            asyncio.get_running_loop().call_later(random.random() * LONGEST_FLIGHT, _die)
        found = await write(self, answer, keep)
        _reach(IN_FLIGHT)
        return found

    UnitOfWork._write = write_or_die  # type: ignore[method-assign]
