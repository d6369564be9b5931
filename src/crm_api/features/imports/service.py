import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from crm_api.features.customers.service import CustomerService
from crm_api.features.sheets.service import SheetCustomers, SheetService
from crm_api.kit.batch import Done
from crm_api.kit.context import Context
from crm_api.kit.errors import Problem
from crm_api.kit.lines import kept
from crm_api.kit.problems import problem_body
from crm_api.kit.projection import Written
from crm_api.kit.uploads import Upload
from crm_api.platform.external_ids.schemas import Batch, BatchItem
from crm_api.platform.external_ids.service import upsert_batch
from crm_api.platform.jobs.run import Run
from crm_api.platform.jobs.schemas import JobRead
from crm_api.platform.jobs.service import JobService

from . import rules
from .errors import UnknownColumns
from .rules import EXTERNAL_ID, Line
from .schemas import Asked, ImportQuery

FILE = ("application/x-ndjson", "customers-import.ndjson")
NEEDS = ("customers:write", "customers:bulk")
AT_ONCE = 250


@dataclass(slots=True)
class Stretch:
    """What became of some lines, and where the next ones are."""

    checkpoint: dict[str, Any]
    report: list[bytes] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)

    def tell(self, run: Run) -> None:
        """In a step of the run."""
        run.write(*self.report)
        run.figures.update(self.counted)
        run.percent = 100 * run.figures["lines"] // run.asked["lines"]
        run.checkpoint = self.checkpoint


class ImportService:
    """Files of records: each line is created or changed by the id that its system gives it."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.jobs = JobService(ctx)
        self.sheets = SheetService(ctx)

    async def start(self, asked: ImportQuery, upload: Upload) -> Written[JobRead]:
        """Raises FileRejected."""
        names = (EXTERNAL_ID, f"external_ids.{asked.system}")
        with closing(await asyncio.to_thread(kept, upload, names)) as file:
            unknown = await self.sheets.unknown([c for c in file.columns if c != EXTERNAL_ID])
            if unknown:
                raise UnknownColumns(unknown)
            told = Asked(
                system=asked.system, dry_run=asked.dry_run, columns=file.columns, lines=file.lines
            )
            kind = f"{asked.resource}.import"
            job = await self.jobs.start(kind, told.model_dump(), NEEDS, FILE, partial=True)
            await self.jobs.send_along(job.id, file.parts())
        return job

    async def stretch(self, run: Run) -> Stretch:
        """The next lines, each with its outcome; none where `left` says so."""
        part, done = run.checkpoint.get("part", 0), run.checkpoint.get("done", 0)
        stored = await self.jobs.sent(run.id, part)
        if stored is None:
            return Stretch({**run.checkpoint, "left": False})
        every = stored.split(b"\n")
        lines = [rules.line_of(line) for line in every[done : done + AT_ONCE]]
        more = done + AT_ONCE < len(every)
        found = Stretch({"part": part, "done": done + AT_ONCE} if more else {"part": part + 1})
        for line, one in zip(lines, await self._put(Asked(**run.asked), lines), strict=True):
            found.report.append(rules.outcome(line, one, self._problem(line, one)))
            found.counted[one.outcome if isinstance(one, Written) else "failed"] += 1
        found.counted["lines"] = len(lines)
        return found

    async def _put(self, asked: Asked, lines: Sequence[Line]) -> list[Done]:
        is_table = bool(asked.columns)
        records = await self._records(asked, lines) if is_table else [None] * len(lines)
        read = zip(lines, records, strict=True)
        items: list[BatchItem[Any] | Problem] = [rules.item_of(*one) for one in read]
        batch: Batch[Any] = Batch.model_construct(system=asked.system, atomic=False, items=items)
        service = SheetCustomers if is_table else CustomerService
        done = await upsert_batch(service(self.ctx), batch)
        return [rules.in_columns(one) for one in done] if is_table else done

    async def _records(self, asked: Asked, lines: Sequence[Line]) -> list[dict[str, Any] | Problem]:
        """What the cells of each line say, or what is wrong with it."""
        cells = [rules.cells_of(line, asked.columns) for line in lines]
        good = [one for one in cells if not isinstance(one, Problem)]
        told = iter(await self.sheets.records(asked.columns, good))
        return [one if isinstance(one, Problem) else next(told) for one in cells]

    def _problem(self, line: Line, one: Done) -> dict[str, Any] | None:
        if not isinstance(one, Problem):
            return None
        place = f"#/lines/{line.number}"
        return problem_body(one, place, self.ctx.request_id, self.ctx.language)
