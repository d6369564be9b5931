from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from crm_api.kit import timers
from crm_api.kit.context import Context
from crm_api.kit.db import table_of
from crm_api.kit.errors import NotFound
from crm_api.kit.events import Event
from crm_api.kit.linked import relink
from crm_api.kit.projection import Written
from crm_api.kit.sight import bound, visible
from crm_api.platform.custom_fields.repository import CustomValueRepository
from crm_api.platform.external_ids.repository import KnownElsewhere

from .events import TaskCreated, TaskOverdue, TaskReminded
from .models import Task, TaskRecord
from .resource import TASK
from .rules import EMPTY, Fields, is_timed_anew, pending
from .schemas import TaskRead

TIMER = "tasks"
COME = {"reminded_at": TaskReminded, "overdue_at": TaskOverdue}
ROWS = table_of(Task)
ONE = select(ROWS).where(ROWS.c.id == bindparam("task", type_=Uuid()))


class TaskRepository(KnownElsewhere[Task, TaskRead]):
    """A task has one timer, of its own id: for whatever happens to it by itself next."""

    model = Task
    noun = TASK
    read = TaskRead

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.values = CustomValueRepository(ctx, "task")

    async def claim_for(
        self, system: str, values: Sequence[str], sent: Sequence[Fields]
    ) -> dict[str, Task]:
        """As `claim`; what is sent for each is going to be put there."""
        known = await self.claim(system, values)
        said = dict(zip(values, sent, strict=True))
        await self._look_again((row, said[value]) for value, row in known.items())
        return known

    async def load_for(self, id: UUID, sent: Fields) -> Task:
        """As `load`; what is sent is going to be put there."""
        row = await self.load(id)
        await self._look_again([(row, sent)])
        return row

    async def plan(self, id: UUID) -> Fields:
        """The columns of a task as they are now. Raises NotFound."""
        asked = {"task": id, **bound(self.seen)}
        found = await self.ctx.work.rows(ONE.where(*visible(ROWS, self.seen)), asked)
        if not found:
            raise NotFound
        return dict(found[0]._mapping)

    def add_new(self, **values: Any) -> Written[TaskRead]:
        """Its `id` is given."""
        self._find(values["id"], EMPTY, values)
        if waits := pending(values):
            tenant = self.ctx.tenant.id
            timers.schedule(self.ctx, TIMER, values["id"], tenant, min(waits.values()))
        return self.add(TaskCreated, **values)

    def rewrite(self, row: Task, event: type[Event], **values: Any) -> Written[TaskRead]:
        self._find(row.id, vars(row), vars(row) | values)
        return self.change(row, event, **values)

    async def come(self, id: UUID) -> datetime | None:
        """What happens by itself by now, one thing at a time; when the next one does."""
        [row] = await self.load_all([id])
        waits = pending(vars(row))
        if seen := next((name for name, at in waits.items() if at <= self.ctx.now), None):
            self.change(row, COME[seen], **{seen: self.ctx.now})
        return min(pending(vars(row)).values(), default=None)

    async def _look_again(self, changes: Iterable[tuple[Task, Fields]]) -> None:
        """What is sent may let something happen to tasks sooner than was waited for."""
        await self.hasten([row.id for row, sent in changes if is_timed_anew(vars(row), sent)])

    async def hasten(self, ids: Sequence[UUID]) -> None:
        """Whoever waits for what happens to these tasks looks again at once."""
        if ids:
            await timers.hasten_all(self.ctx, TIMER, ids, self.ctx.tenant.id, self.ctx.now)

    def _find(self, id: UUID, before: Fields, after: Mapping[str, Any]) -> None:
        """The rows by which a task is found, from now on."""
        relink(self, TaskRecord, {"task_id": id}, before["records"], after["records"])
        self.rename(id, before, after)
        self.values.move(id, (before["custom"], True), (after["custom"], True))
