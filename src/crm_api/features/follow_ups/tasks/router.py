from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.figures import AggregateAnswer
from crm_api.kit.http import answered, changed, created, found, listed, said
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource
from crm_api.platform.checklists.schemas import ChecklistChange
from crm_api.platform.external_ids import router as external_ids

from .queries import OccurrencesAsked, TaskAggregate, TaskPage, TaskQuery, TaskSearch, TaskShown
from .resource import TASK
from .schemas import (
    TaskBatch,
    TaskCancel,
    TaskCreate,
    TaskId,
    TaskOccurrences,
    TaskRead,
    TaskUpdate,
    TaskUpsert,
)
from .service import TaskService

ids_in_paths(TASK.prefix)
router = resource("tasks", "tasks")
by_external_ids = external_ids.by_external_ids(
    external_ids.Known(
        noun=TASK,
        service=TaskService,
        read=TaskRead,
        shown=TaskShown,
        upsert=TaskUpsert,
        batch=TaskBatch,
        ended="What is done or cancelled stays so.",
    )
)

Reader = Annotated[TaskService, provide(TaskService, "tasks:read")]
Writer = Annotated[TaskService, provide(TaskService, "tasks:write")]


@router.get("", response_model=TaskPage)
async def list_tasks(tasks: Reader, query: Annotated[TaskQuery, asked(TaskQuery)]) -> Response:
    """List tasks, newest first.

    "My tasks" is `assignee_id` with `state=open` and `sort=due_until`.
    """
    return listed(await tasks.list(query))


@router.post("", status_code=201, response_model=TaskRead)
async def create_task(tasks: Writer, data: TaskCreate) -> Response:
    """Make a task: once, or again and again by a rule."""
    return created(await tasks.create(data))


@router.post("/search", response_model=TaskPage)
async def search_tasks(tasks: Reader, data: TaskSearch) -> Response:
    """Find tasks by a filter over their fields, and over those of their customers."""
    return answered((await tasks.search(data)).body)


@router.post("/aggregate", response_model=AggregateAnswer)
async def aggregate_tasks(tasks: Reader, data: TaskAggregate) -> Response:
    """Count tasks in groups of up to three fields: by assignee, by week in which they are due."""
    return answered(await tasks.aggregate(data))


@router.get("/{id:tsk}", response_model=TaskRead)
async def get_task(
    tasks: Reader, id: TaskId, query: Annotated[TaskShown, asked(TaskShown)]
) -> Response:
    """Read a task."""
    return found(await tasks.get(id, query.expand))


@router.patch("/{id:tsk}", response_model=TaskRead)
async def update_task(tasks: Writer, id: TaskId, data: TaskUpdate) -> Response:
    """Change some fields. A patch that changes nothing makes no new version and no event."""
    return changed(await tasks.update(id, data))


@router.get("/{id:tsk}/occurrences", response_model=TaskOccurrences)
async def get_task_occurrences(
    tasks: Reader, id: TaskId, query: Annotated[OccurrencesAsked, asked(OccurrencesAsked)]
) -> Response:
    """Tell when the next ones of the series will be due; none for what is not repeated."""
    return said(await tasks.occurrences(id, query.limit))


@router.post("/{id:tsk}/complete", response_model=TaskRead)
async def complete_task(tasks: Writer, id: TaskId) -> Response:
    """Say that it is done. The next one of a series is made at once: see `next_task_id`.

    However many say so at the same time, and whether it is reopened and completed again, there is
    one next task.
    """
    return changed(await tasks.complete(id))


@router.post("/{id:tsk}/cancel", response_model=TaskRead)
async def cancel_task(tasks: Writer, id: TaskId, data: TaskCancel) -> Response:
    """Say that it is not to be done any more. A series goes on as if it were done."""
    return changed(await tasks.cancel(id, data))


@router.post("/{id:tsk}/reopen", response_model=TaskRead)
async def reopen_task(tasks: Writer, id: TaskId) -> Response:
    """Say that it is to be done after all; the next one of a series stays."""
    return changed(await tasks.reopen(id))


@router.post("/{id:tsk}/end-series", response_model=TaskRead)
async def end_task_series(tasks: Writer, id: TaskId) -> Response:
    """Let no more tasks follow after this one, which is the last of its series so far."""
    return changed(await tasks.end_series(id))


@router.post("/{id:tsk}/check", response_model=TaskRead)
async def check_task_items(tasks: Writer, id: TaskId, data: ChecklistChange) -> Response:
    """Tick items of the checklist, whatever others do at the same time."""
    return changed(await tasks.check(id, data))


@router.post("/{id:tsk}/uncheck", response_model=TaskRead)
async def uncheck_task_items(tasks: Writer, id: TaskId, data: ChecklistChange) -> Response:
    """Take the ticks off again."""
    return changed(await tasks.check(id, data, done=False))
