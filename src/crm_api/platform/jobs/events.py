from typing import ClassVar

from crm_api.kit.events import Event


class JobCreated(Event):
    type: ClassVar[str] = "job.created"


class JobCompleted(Event):
    type: ClassVar[str] = "job.completed"


class JobFailed(Event):
    """It will not be tried again; its `problem` says why."""

    type: ClassVar[str] = "job.failed"


class JobCancelled(Event):
    type: ClassVar[str] = "job.cancelled"
