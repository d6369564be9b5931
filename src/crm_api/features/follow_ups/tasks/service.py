from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.events import Event
from crm_api.kit.linked import Linked
from crm_api.kit.projection import Document, Written
from crm_api.kit.reader import Expand
from crm_api.platform.business_units.chosen import ChosenUnits
from crm_api.platform.checklists.rules import ticked
from crm_api.platform.checklists.schemas import ChecklistChange
from crm_api.platform.custom_fields.searching import Searching
from crm_api.platform.custom_fields.values import CustomValues
from crm_api.platform.external_ids.service import Sent
from crm_api.platform.series.rules import check_last, occurrences
from crm_api.platform.users.service import UserService

from . import events, rules
from .criteria import TASKS
from .errors import IncompleteTask
from .models import Task, TaskState
from .queries import TaskAggregate, TaskQuery, TaskSearch
from .repository import TaskRepository
from .resource import TASK
from .schemas import TaskCancel, TaskCreate, TaskOccurrences, TaskRead, TaskUpdate

One = Document[TaskRead]
Changed = Written[TaskRead]


class TaskService(Searching[TaskRead, TaskQuery]):
    """What somebody has to do by a time, once or again and again."""

    fields = TASKS

    def __init__(self, ctx: Context) -> None:
        self.tasks, self.custom = TaskRepository(ctx), CustomValues(ctx, TASK)
        super().__init__(ctx, self.tasks)
        self.linked, self.users = Linked(ctx), UserService(ctx)
        self.units = ChosenUnits(ctx, rules.WRITE)

    async def aggregate(self, asked: TaskAggregate) -> bytes:
        return await self._figures(TaskSearch(), asked)

    async def by_external_id(self, system: str, value: str, expand: Expand = ()) -> One:
        return await self.tasks.by_external_id(system, value, expand)

    async def occurrences(self, id: UUID, most: int) -> TaskOccurrences:
        planned = occurrences(await self.tasks.plan(id), most)
        told = {"object": "task_occurrences", "task_id": id, "occurrences": planned}
        return TaskOccurrences.model_validate(told)

    async def create(self, data: TaskCreate) -> Changed:
        return await self.seen_first(data.changes())

    async def update(self, id: UUID, data: TaskUpdate) -> Changed:
        sent = data.changes()
        return await self.seen_again(await self.tasks.load_for(id, sent), sent)

    async def complete(self, id: UUID) -> Changed:
        return await self._end(id, TaskState.done, events.TaskCompleted, completed_at=self.ctx.now)

    async def cancel(self, id: UUID, data: TaskCancel) -> Changed:
        said = {"cancelled_at": self.ctx.now, "cancellation_reason": data.reason}
        return await self._end(id, TaskState.cancelled, events.TaskCancelled, **said)

    async def reopen(self, id: UUID) -> Changed:
        task = await self.tasks.load(id)
        TASK.check_transition(task.state, TaskState.open)
        await self.tasks.hasten([id])
        return self.tasks.rewrite(task, events.TaskReopened, **rules.REOPENED)

    async def end_series(self, id: UUID) -> Changed:
        """Raises NotRepeated, SeriesGoesOn."""
        task = await self.tasks.load(id)
        check_last(task.recurrence, task.next_task_id)
        return self.tasks.rewrite(task, events.TaskSeriesEnded, recurrence=None)

    async def check(self, id: UUID, data: ChecklistChange, *, done: bool = True) -> Changed:
        """Raises WrongItems."""
        task = await self.tasks.load(id)
        items = ticked(task.checklist, data.keys, done=done)
        return self.tasks.rewrite(task, events.TaskUpdated, checklist=items)

    async def come(self, id: UUID) -> datetime | None:
        """What happens by itself by now; when the next does."""
        return await self.tasks.come(id)

    async def claim(
        self, system: str, values: Sequence[str], sent: Sequence[Sent]
    ) -> dict[str, Task]:
        await self.custom.look_up(sent)
        await self.linked.look_up(v for one in sent for v in rules.named(rules.EMPTY, one).values())
        await self.users.look_up(
            v for one in sent for v in rules.workers(rules.EMPTY, one).values()
        )
        return await self.tasks.claim_for(system, values, sent)

    async def seen_first(self, sent: Sent) -> Changed:
        """Raises IncompleteTask, and all that `rules` and what it names may raise."""
        if "subject" not in sent:
            raise IncompleteTask
        unit = await self.units.choose(sent.get("business_unit_id"))
        begun = rules.begun(sent, self.ctx.actor.user_id, unit, await self.units.zone(unit))
        await self._check_named(rules.EMPTY, sent)
        id, sent = self.ctx.new_id(), await self.custom.complete(sent | {"business_unit_id": unit})
        return self.tasks.add_new(**{"id": id, **begun, **rules.changed(begun, sent, id)})

    async def seen_again(self, row: Task, sent: Sent) -> Changed:
        """As others see it; one that is over stays so."""
        before = vars(row)
        if sent.get("business_unit_id", row.business_unit_id) != row.business_unit_id:
            await self.units.choose(sent["business_unit_id"])
        await self._check_named(before, sent)
        values = rules.changed(before, await self.custom.revised(row, sent), row.id)
        return self.tasks.rewrite(row, events.TaskUpdated, **values)

    async def _end(self, id: UUID, state: TaskState, event: type[Event], **said: Any) -> Changed:
        """With the next of its series, where there is one and nobody has made it yet."""
        task = await self.tasks.load(id)
        TASK.check_transition(task.state, state)
        next = rules.following(vars(task))
        if next is None:
            return self.tasks.rewrite(task, event, state=state, **said)
        next |= {"id": self.ctx.new_id(), "custom": await self.custom.inherited(task)}
        ended = self.tasks.rewrite(task, event, state=state, next_task_id=next["id"], **said)
        self.tasks.add_new(**next)
        return ended

    async def _check_named(self, before: rules.Fields, sent: Sent) -> None:
        """Raises UnknownReference, UnknownUsers."""
        await self.linked.check_named(rules.named(before, sent))
        await self.users.check_named(rules.workers(before, sent))
