"""What endpoints keep secret."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from crm_api.kit import vault
from crm_api.kit.context import Context

from .resource import WEBHOOK_ENDPOINT
from .sending import Receiver


class Vault(vault.Vault):
    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx, WEBHOOK_ENDPOINT.prefix)

    def headers(self, id: UUID, headers: Mapping[str, str]) -> str | None:
        return self.seal(id, to_json(headers).decode()) if headers else None

    def receiver(self, row: Mapping[str, Any]) -> Receiver:
        """Raises ValueError where the server's secret is another than it was sealed with."""
        id = row["id"] if isinstance(row["id"], UUID) else UUID(row["id"])
        secrets, sealed = self.opened(id, row["secrets"]), row["sealed_headers"]
        return Receiver(row["url"], secrets, from_json(self.open(id, sealed)) if sealed else {})
