from typing import ClassVar

from crm_api.kit.events import Event


class TaskCreated(Event):
    """Somebody made a task, or an occurrence of a series ended and this is the next one."""

    type: ClassVar[str] = "task.created"


class TaskUpdated(Event):
    type: ClassVar[str] = "task.updated"


class TaskCompleted(Event):
    """It is done; `next_task_id` is the next occurrence of its series, if there is one."""

    type: ClassVar[str] = "task.completed"


class TaskCancelled(Event):
    """It is not to be done any more; `next_task_id` is the next occurrence of its series."""

    type: ClassVar[str] = "task.cancelled"


class TaskReopened(Event):
    type: ClassVar[str] = "task.reopened"


class TaskSeriesEnded(Event):
    """No more occurrences follow after this one."""

    type: ClassVar[str] = "task.series_ended"


class TaskReminded(Event):
    """The time to remind of an open task has come: tell the assignee."""

    type: ClassVar[str] = "task.reminded"


class TaskOverdue(Event):
    """An open task should have been done by now."""

    type: ClassVar[str] = "task.overdue"
