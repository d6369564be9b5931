from typing import ClassVar

from crm_api.kit.events import Event


class ApiKeyMade(Event):
    type: ClassVar[str] = "api_key.created"


class ApiKeyRotated(Event):
    type: ClassVar[str] = "api_key.rotated"


class ApiKeyRevoked(Event):
    type: ClassVar[str] = "api_key.revoked"
