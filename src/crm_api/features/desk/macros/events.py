from typing import ClassVar

from crm_api.kit.events import Event


class MacroCreated(Event):
    type: ClassVar[str] = "macro.created"


class MacroUpdated(Event):
    type: ClassVar[str] = "macro.updated"


class MacroArchived(Event):
    type: ClassVar[str] = "macro.archived"


class MacroRestored(Event):
    type: ClassVar[str] = "macro.restored"
