"""A unit of work: reads run at once; writes gather and leave in one statement."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Executable, Row, Table

from .failures import GONE
from .journal import Recorded
from .pool import UNKNOWN_STATE, Line, Pool
from .projection import Written, one
from .schema import Read
from .statement import Statement
from .writing import Step, Verb, write_all

Answer = tuple[str, int]


class UnitOfWork:
    """Nothing is begun while one statement is enough: then it commits by itself.

    A work that must read what it changes opens a transaction, and says COMMIT at its end.
    """

    def __init__(self, pool: Pool, tenant_id: UUID) -> None:
        self.pool = pool
        self.tenant_id = tenant_id
        self.before: dict[UUID, str] = {}
        self._steps: dict[Step, list[dict[str, Any]]] = {}
        self._events: list[Mapping[str, Any]] = []
        self._reads: dict[type[Read], None] = {}
        self._line: Line | None = None

    async def fetch(self, statement: Statement, values: Mapping[str, Any]) -> Any:
        """One value. Whoever reads sees what this work has written so far."""
        if self._steps:
            await self.flush()
        arguments = statement.arguments({"tenant": self.tenant_id, **values})
        async with self._some_line() as line:
            return await line.driver.fetchval(statement.sql, *arguments)

    async def rows(self, query: Executable, values: Mapping[str, Any]) -> list[Row[Any]]:
        """Rows, in the transaction of this work; for what is going to be changed."""
        line = await self.begin()
        await self.flush()
        with line.driver.watch.over("SELECT"):
            return list(await line.orm.execute(query, {"tenant": self.tenant_id, **values}))

    def stage(self, verb: Verb, table: Table, row: Mapping[str, Any]) -> None:
        """A row to insert, to update by its id, or to delete by all the given columns."""
        full = {"tenant_id": self.tenant_id, **row}
        self._steps.setdefault(Step(verb, table, tuple(full)), []).append(full)

    def record(self, event: Recorded, read: type[Read]) -> None:
        """The event of a staged change; its data is the document of `read`, once written."""
        self._events.append({"tenant_id": self.tenant_id, **event})
        self._reads[read] = None

    async def begin(self) -> Line:
        if self._line is None:
            self._line = await self.pool.take(self.tenant_id)
            await self._line.driver.execute(
                f"BEGIN; SELECT set_config('app.tenant', '{self.tenant_id}', true)"
            )
        return self._line

    async def flush(self) -> None:
        """Write what has gathered, in a transaction that goes on."""
        await self.begin()
        if self._steps:
            await self._write(None)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What goes wrong inside is undone, and only that. Gathered writes leave at the end."""
        line = await self.begin()
        await self.flush()
        await line.driver.execute("SAVEPOINT step")
        try:
            yield
            await self.flush()
        except Exception:
            self._steps, self._events, self._reads = {}, [], {}
            await line.driver.execute("ROLLBACK TO SAVEPOINT step")
            raise
        await line.driver.execute("RELEASE SAVEPOINT step")

    async def commit(self, answer: Written[Any] | None = None) -> Answer | None:
        """Write the rest and read the answer: where nothing was begun, in one round trip."""
        found = await self._write(answer.id if answer else None) if self._steps else None
        if answer and found is None:
            found = await self._read(answer)
        if self._line is not None:
            await self._line.driver.execute("COMMIT")
            self._let_go()
        return found

    async def _read(self, answer: Written[Read]) -> Answer:
        body, version = await self.fetch(one(answer.read), {"id": answer.id})
        return body, int(version)

    async def _write(self, answer: UUID | None) -> Answer | None:
        steps, events, reads = self._steps, self._events, self._reads
        self._steps, self._events, self._reads = {}, [], {}
        sql = write_all(tuple(steps), tuple(reads))
        rows = [to_json(rows).decode() for rows in steps.values()]
        async with self._some_line() as line:
            found = await line.driver.fetchrow(
                sql, self.tenant_id, answer, to_json(events).decode(), *rows
            )
        return (found["body"], found["version"]) if found and found["body"] else None

    def _some_line(self) -> Any:
        return _Held(self._line) if self._line is not None else self.pool.line(self.tenant_id)

    async def abandon(self, error: BaseException) -> None:
        """Undo it all; a connection whose state is unknown is not handed out again."""
        if self._line is None:
            return
        try:
            if isinstance(error, UNKNOWN_STATE):
                raise error
            await self._line.driver.execute("ROLLBACK")
            self._let_go()
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
