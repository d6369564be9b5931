"""A transaction of one tenant, begun only where one statement is not enough."""

from contextlib import AbstractAsyncContextManager
from uuid import UUID

from .errors import RequestInProgress
from .failures import GONE
from .pool import UNKNOWN_STATE, Line, Pool
from .words import say

TURN = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))"


class Transaction:
    """`turn` names what nobody else may be doing at the same time; `opening` is how it begins."""

    def __init__(self, pool: Pool, tenant_id: UUID) -> None:
        self.pool, self.tenant_id = pool, tenant_id
        self.turn: str | None = None
        self.opening = "BEGIN"
        self._line: Line | None = None

    async def begin(self) -> Line:
        """Raises RequestInProgress where another process has the turn: nobody waits for it."""
        if self._line is None:
            self._line = await self.pool.take(self.tenant_id)
            await self._line.driver.execute(
                f"{self.opening}; SELECT set_config('app.tenant', '{self.tenant_id}', true)"
            )
            if self.turn and not await self._line.driver.fetchval(TURN, self.turn):
                raise RequestInProgress(say("The same request is being worked on."))
        return self._line

    def line(self) -> AbstractAsyncContextManager[Line]:
        """The connection of the transaction, or any for one statement."""
        return _Held(self._line) if self._line is not None else self.pool.line(self.tenant_id)

    async def end(self, verb: str) -> None:
        """COMMIT or ROLLBACK, where something was begun."""
        if self._line is not None:
            await self._line.driver.execute(verb)
            self._let_go()

    async def abandon(self, error: BaseException) -> None:
        """Undo it all; a connection whose state is unknown is not handed out again."""
        if self._line is None:
            return
        try:
            if isinstance(error, UNKNOWN_STATE):
                raise error
            await self.end("ROLLBACK")
        except (*UNKNOWN_STATE, *GONE):
            await self.pool.drop(self._line)
            self._line = None

    def _let_go(self) -> None:
        assert self._line is not None
        self.pool.give(self._line)
        self._line = None


class _Held:
    """The line of a transaction that is open anyway."""

    def __init__(self, line: Line) -> None:
        self.line = line

    async def __aenter__(self) -> Line:
        return self.line

    async def __aexit__(self, *_: object) -> None:
        return None
