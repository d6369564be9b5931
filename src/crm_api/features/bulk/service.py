from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from crm_api.features.changes.schemas import About, Change
from crm_api.features.changes.service import ChangeService
from crm_api.features.customers.queries import CustomerSearch
from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.batch import Done
from crm_api.kit.context import Context
from crm_api.kit.errors import Problem
from crm_api.kit.problems import problem_body
from crm_api.kit.projection import Written
from crm_api.kit.walking import BEGINNING
from crm_api.platform.jobs.run import Run
from crm_api.platform.jobs.schemas import JobRead
from crm_api.platform.jobs.service import JobService

from . import rules
from .schemas import CustomersChange

FILE = ("application/x-ndjson", "customers-changes.ndjson")
NEEDS = ("customers:read", "customers:write", "customers:bulk")
AT_ONCE, SAMPLE = 250, 5


class BulkService:
    """Changes of many customers, as jobs; which customers they are is settled as a job begins."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.jobs = JobService(ctx)
        self.customers = ChangeService(ctx)

    async def preview(self, data: CustomersChange) -> bytes:
        """How many it is for, and some of them. Raises Invalid, Forbidden."""
        if isinstance(data.ids, list):
            found = await self.customers.there(data.ids)
            some = [id for id in dict.fromkeys(data.ids) if id in found]
            shown, _ = await self.customers.get_many(some[:SAMPLE])
            return rules.previewed({"value": len(found), "relation": "eq"}, f"[{shown}]")
        said = {"filter": data.filter, "state": data.state, "include": ["total"]}
        asked = CustomerSearch(limit=SAMPLE, **said)
        page = from_json((await self.customers.search(asked)).body)
        return rules.previewed(page["total"], to_json(page["data"]).decode())

    async def start(self, data: CustomersChange) -> Written[JobRead]:
        """Raises Invalid, Forbidden."""
        ids = list(dict.fromkeys(data.ids)) if isinstance(data.ids, list) else []
        about = None if ids else About(filter=data.filter, state=data.state, now=self.ctx.now)
        if about is not None:
            await self.customers.meant(about)
        values = getattr(data, "values", None)
        told = Change(
            action=data.action,
            values=values.model_dump(mode="json") if values else {},
            about=about,
            ids=len(ids),
        )
        asked = told.model_dump(mode="json")
        job = await self.jobs.start("customers.bulk", asked, NEEDS, FILE, partial=True)
        await self.jobs.send_along(job.id, rules.packed(ids))
        return job

    async def go_on(self, run: Run) -> None:
        """Some more ids, or what becomes of some more customers."""
        change = Change(**run.asked)
        if change.about is not None and run.checkpoint.get("collecting", True):
            await self._collect(run, change.about)
        else:
            await self._change_some(run, change)

    async def _collect(self, run: Run, about: About) -> None:
        at = run.checkpoint or {"after": str(BEGINNING), "parts": 0, "ids": 0}
        found, _, last = await self.customers.found(about, UUID(at["after"]))
        parts = rules.packed(found)
        await self.jobs.send_along(run.id, parts, at["parts"])
        run.checkpoint = {
            "collecting": last is not None,
            "after": str(last),
            "parts": at["parts"] + len(parts),
            "ids": at["ids"] + len(found),
        }

    async def _change_some(self, run: Run, change: Change) -> None:
        at = run.checkpoint
        part, done = at.get("part", 0), at.get("done", 0)
        stored = await self.jobs.sent(run.id, part)
        if stored is None:
            run.figures["records"] += 0  # also where there was nobody
            run.checkpoint = {**at, "left": False}
            return
        every = rules.unpacked(stored)
        ids = every[done : done + AT_ONCE]
        self._tell(run, ids, await self.customers.change_all(change, ids))
        run.percent = 100 * run.figures["records"] // (at.get("ids") or change.ids)
        more = done + AT_ONCE < len(every)
        place = {"part": part, "done": done + AT_ONCE} if more else {"part": part + 1, "done": 0}
        run.checkpoint = {**at, **place}

    def _tell(self, run: Run, ids: Sequence[UUID], done: Sequence[Done | None]) -> None:
        for id, one in zip(ids, done, strict=True):
            word, line = rules.outcome(id, one, self._problem(id, one))
            run.write(line)
            run.figures[word] += 1
        run.figures["records"] += len(ids)

    def _problem(self, id: UUID, one: Done | None) -> dict[str, Any] | None:
        if not isinstance(one, Problem):
            return None
        place, ctx = f"/v1/customers/{CUSTOMER.prefix.write(id)}", self.ctx
        return problem_body(rules.in_values(one), place, ctx.request_id, ctx.language)
