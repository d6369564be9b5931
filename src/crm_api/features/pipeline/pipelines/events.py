from typing import ClassVar

from crm_api.kit.events import Event


class PipelineCreated(Event):
    type: ClassVar[str] = "pipeline.created"


class PipelineUpdated(Event):
    """The stages, reasons, or anything else of a pipeline changed."""

    type: ClassVar[str] = "pipeline.updated"


class PipelineArchived(Event):
    type: ClassVar[str] = "pipeline.archived"


class PipelineRestored(Event):
    type: ClassVar[str] = "pipeline.restored"
