"""A unit of work: reads run at once; writes gather and leave in one statement."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Row, Table

from .changes import Changes
from .eyes import told_apart
from .hiding import Hidden
from .idempotency import KEPT
from .journal import Recorded
from .pool import Pool
from .projection import Written, one_of
from .ruled import NO_MASKS, Masks
from .schema import Read
from .statement import Statement
from .transaction import Transaction
from .writing import Verb

Answer = tuple[str, int]
Kept = Mapping[str, Any]
NOTHING: Mapping[str, Any] = {}


class UnitOfWork:
    """Nothing is begun while one statement is enough: then it commits by itself. A work that must
    read what it changes opens a transaction, and says COMMIT at its end."""

    def __init__(self, pool: Pool, tenant_id: UUID, eyes: Mapping[str, Any] = NOTHING) -> None:
        self.tenant_id, self.eyes = tenant_id, eyes
        self.transaction = Transaction(pool, tenant_id)
        self.before: dict[UUID, str] = {}
        self.told: list[str] = []
        self.changes = Changes(tenant_id)
        self.tried: Changes | None = None
        self.hidden: Hidden = {}

    async def fetch(self, statement: Statement, values: Mapping[str, Any]) -> Any:
        """One value. Whoever reads sees what this work has written so far."""
        if self.changes:
            await self.flush()
        arguments = statement.arguments({**self._told, **values})
        async with self.transaction.line() as line:
            return await line.driver.fetchval(statement.sql, *arguments)

    @property
    def _told(self) -> Mapping[str, Any]:
        return {"tenant": self.tenant_id, **self.eyes, **self.hidden}

    async def measure(self) -> None:
        """From here on statements are planned for the very values that they are asked with."""
        line = await self.transaction.begin()
        await line.driver.execute("SET LOCAL plan_cache_mode = force_custom_plan")

    async def rows(self, query: Executable, values: Mapping[str, Any]) -> list[Row[Any]]:
        """Rows, in the transaction of this work; for what is going to be changed."""
        line = await self.transaction.begin()
        await self.flush()
        with line.driver.watch.over("SELECT"):
            return list(await line.orm.execute(query, {**self._told, **values}))

    def stage(self, verb: Verb, table: Table, row: Mapping[str, Any]) -> None:
        """A row to insert, update by its id, delete by all its columns, or leave and tell of."""
        self.changes.stage(verb, table, row)

    def record(self, event: Recorded, read: type[Read]) -> None:
        """The event of a staged change; its data is the document of `read`, once written."""
        self.changes.record(event, read)

    async def flush(self) -> None:
        """Write what has gathered, in a transaction that goes on."""
        await self.transaction.begin()
        if self.changes:
            await self._write(None)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What goes wrong inside is undone, and only that. Gathered writes leave at the end."""
        line = await self.transaction.begin()
        await self.flush()
        told = list(self.told)
        await line.driver.execute("SAVEPOINT step")
        try:
            yield
            await self.flush()
        except Exception:
            self.told, self.changes = told, Changes(self.tenant_id)
            await line.driver.execute("ROLLBACK TO SAVEPOINT step")
            raise
        await line.driver.execute("RELEASE SAVEPOINT step")

    async def commit(
        self, answer: Written[Any] | None = None, keep: Kept | None = None, masks: Masks = NO_MASKS
    ) -> Answer | None:
        """Write the rest and read the answer, which `keep`, a row of `KeptAnswer`, takes for its
        body: where nothing was begun, in one round trip."""
        found = await self._complete(answer, keep, masks)
        await self.transaction.end("COMMIT")
        return found

    async def rehearse(
        self, answer: Written[Any] | None = None, *, masked: bool = False, masks: Masks = NO_MASKS
    ) -> Answer | None:
        """What a commit would answer, or a GET where data is `masked`; nothing remains of it."""
        await self.transaction.begin()
        as_seen = answer and masked and self._read(answer, masks, masked=True)
        found = await (as_seen or self._complete(answer, None, masks))
        await self.transaction.end("ROLLBACK")
        return found

    async def _complete(
        self, answer: Written[Any] | None, keep: Kept | None, masks: Masks
    ) -> Answer | None:
        """What a write answers with is whole: for some the record is read afterwards."""
        id, read = (answer.id, answer.read) if answer else (None, None)
        apart = told_apart(read, masks)
        at_once = keep is not None and not apart and self.changes.tell_of(id)
        if keep is not None and not at_once:
            await self.transaction.begin()
        together = self.changes and not apart
        found = await self._write(id, keep if at_once else None) if together else None
        if answer and found is None:
            found = await self._read(answer, masks)
        if keep is not None and not at_once:
            body, version = found or (keep["body"], None)
            self.stage("insert", KEPT, {**keep, "body": body, "version": version})
            await self._write(None)
        return found

    async def _read(self, answer: Written[Read], masks: Masks, *, masked: bool = False) -> Answer:
        one = one_of(answer.read, masks=masks)
        body, version = await self.fetch(one, {"id": answer.id, "masked": masked})
        return body, int(version)

    async def _write(self, answer: UUID | None, keep: Kept | None = None) -> Answer | None:
        changes = self.tried = self.changes
        self.changes = Changes(self.tenant_id)
        sql, arguments = changes.statement(answer, keep, self.hidden)
        async with self.transaction.line() as line:
            found = await line.driver.fetchrow(sql, *arguments)
        self.told += changes.types()
        return (found["body"], found["version"]) if found and found["body"] else None

    async def abandon(self, error: BaseException) -> None:
        """Undo it all."""
        await self.transaction.abandon(error)
