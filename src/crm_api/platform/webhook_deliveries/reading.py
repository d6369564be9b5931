"""What is inside an event, read where somebody asks for it."""

from typing import Any

from pydantic_core import from_json, to_json

from crm_api.kit.matching import Node, holds
from crm_api.platform.journal.repository import Told
from crm_api.platform.journal.sight import fits
from crm_api.platform.webhook_endpoints.models import WebhookEndpoint

from .rules import thin


class Event:
    """An event as some endpoints see it; what is inside is read where somebody asks for it."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.erased = '"erased":true' in told.body[-20:]
        self._inside: dict[str, Any] | None = None

    @property
    def inside(self) -> dict[str, Any]:
        if self._inside is None:
            self._inside = from_json(self.told.body)
        return self._inside

    @property
    def thin(self) -> str:
        return to_json(thin(self.inside)).decode()

    def concerns(self, endpoint: WebhookEndpoint) -> bool:
        return fits(self.told.type, endpoint.event_types)

    def passes(self, node: Node) -> bool:
        data = self.inside["data"]
        return data is not None and holds(node, data)
