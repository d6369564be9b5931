"""Walks the chain of a tenant, a page at a time, and says what is wrong first."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from asyncpg import Connection, Record

from crm_api.platform.journal.rules import BEGINNING, Place

from . import rules
from .rules import Finding, explain, judge
from .statements import (
    COMPARED,
    CUT,
    ORPHANS,
    PAGE,
    TENANT,
    TRUNCATED,
    UNHASHED,
    UNNUMBERED,
    WAITING,
)

AT_ONCE = 1000
Database = Connection  # generic in the stubs only


@dataclass(slots=True)
class Verdict:
    """How many events are as they were written, how many of them without their values, how many
    wait for the sequencer; and what is wrong first, if anything. Those up to `cut` were dropped,
    because they were old enough."""

    cut: int = 0
    verified: int = 0
    erased: int = 0
    waiting: int = 0
    wrong: Finding | None = None


class Verifier:
    """One tenant's chain, over a connection; nothing is kept in memory but a page."""

    def __init__(self, database: "Database[Any]", tenant: UUID, at_once: int = AT_ONCE) -> None:
        self.database, self.tenant, self.at_once = database, tenant, at_once
        self.verdict = Verdict()

    async def verify(self) -> Verdict:
        last = await self._walk()
        if self.verdict.wrong is None:
            self.verdict.wrong = await self._behind(last) or await self._orphaned()
        self.verdict.waiting = await self._one(WAITING, last.sequence)
        return self.verdict

    async def compare(self, kept: Iterable[Place]) -> Finding | None:
        """The first checkpoint, of copies from outside, that the chain does not bear out."""
        places = list(kept)
        sequences, hashes = [p.sequence for p in places], [p.hash for p in places]
        cut = await self._beginning()
        for found in await self._ask(COMPARED, sequences, hashes, cut.sequence):
            said = rules.TRUNCATED if found["is_missing"] else rules.REWRITTEN
            return Finding(found["sequence"], said)
        return None

    async def _walk(self) -> Place:
        """As far as everything is right and chained."""
        last = await self._beginning()
        self.verdict.cut = last.sequence
        while rows := await self._ask(PAGE, last.sequence, self.at_once):
            for number, row in enumerate(rows):
                if row["hash"] is None and row["sequence"] == last.sequence + 1:
                    self.verdict.wrong = await self._unhashed(row)
                    return last
                if wrong := judge(last, self.tenant, row):
                    self.verdict.wrong = self._explained(wrong, last, rows[number:])
                    return last
                last = Place(row["sequence"], row["hash"])
                self.verdict.verified += 1
                self.verdict.erased += row["is_erased"]
        return last

    async def _beginning(self) -> Place:
        """Behind which the chain is there."""
        for cut in await self._ask(CUT):
            return Place(cut["sequence"], cut["hash"])
        return BEGINNING

    async def _unhashed(self, row: Record) -> Finding | None:
        """Events of an older release wait for the sequencer: then nothing behind is chained."""
        if await self._one(UNHASHED, row["sequence"]):
            return Finding(row["sequence"], rules.UNHASHED, row["id"])
        return None

    def _explained(self, wrong: Finding, last: Place, rows: list[Record]) -> Finding:
        if wrong.said != rules.EDITED:
            return wrong
        return replace(wrong, said=explain(last, self.tenant, rows))

    async def _behind(self, last: Place) -> Finding | None:
        """What was there behind the last event, and is not any more."""
        if cut := await self._one(TRUNCATED, last.sequence):
            return Finding(cut, rules.TRUNCATED)
        if event := await self._one(UNNUMBERED):
            return Finding(None, rules.UNNUMBERED, event)
        return None

    async def _orphaned(self) -> Finding | None:
        last = str(UUID(int=0))
        while last:
            (page,) = await self._ask(ORPHANS, last, self.at_once)
            if page["orphan"]:
                return Finding(None, rules.ORPHANED, page["orphan"])
            last = page["last"]
        return None

    async def _one(self, sql: str, *values: Any) -> Any:
        rows = await self._ask(sql, *values)
        return rows[0][0] if rows else None

    async def _ask(self, sql: str, *values: Any) -> list[Record]:
        async with self.database.transaction():
            await self.database.execute(TENANT, str(self.tenant))
            return list(await self.database.fetch(sql, self.tenant, *values))
