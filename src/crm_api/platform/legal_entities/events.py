from typing import ClassVar

from crm_api.kit.events import Event


class LegalEntityCreated(Event):
    type: ClassVar[str] = "legal_entity.created"


class LegalEntityUpdated(Event):
    type: ClassVar[str] = "legal_entity.updated"


class LegalEntityArchived(Event):
    type: ClassVar[str] = "legal_entity.archived"


class LegalEntityRestored(Event):
    type: ClassVar[str] = "legal_entity.restored"
