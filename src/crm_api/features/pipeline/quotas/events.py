from typing import ClassVar

from crm_api.kit.events import Event


class QuotaCreated(Event):
    type: ClassVar[str] = "quota.created"


class QuotaUpdated(Event):
    type: ClassVar[str] = "quota.updated"


class QuotaDeleted(Event):
    type: ClassVar[str] = "quota.deleted"
