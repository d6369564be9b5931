from typing import ClassVar

from crm_api.kit.events import Event


class NumberPatternCreated(Event):
    type: ClassVar[str] = "number_pattern.created"


class NumberPatternUpdated(Event):
    type: ClassVar[str] = "number_pattern.updated"


class NumberPatternDeleted(Event):
    type: ClassVar[str] = "number_pattern.deleted"
