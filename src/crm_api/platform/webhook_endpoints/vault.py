"""What endpoints keep secret, sealed for the one endpoint of the one tenant."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from crm_api.kit.context import Context
from crm_api.kit.sealing import seal, unseal
from crm_api.kit.times import rfc3339

from .resource import WEBHOOK_ENDPOINT
from .sending import Receiver

Secret = dict[str, Any]


class Vault:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def sealed(self, id: UUID, secret: str) -> Secret:
        """A secret that signs until it is given an end."""
        return {"sealed": seal(self.ctx.house.secret, secret, self._place(id)), "ends": None}

    def headers(self, id: UUID, headers: Mapping[str, str]) -> str | None:
        text = to_json(headers).decode()
        return seal(self.ctx.house.secret, text, self._place(id)) if headers else None

    def live(self, secrets: Sequence[Secret]) -> list[Secret]:
        """Those that sign now, the oldest first."""
        now = rfc3339(self.ctx.now)
        return [one for one in secrets if one["ends"] is None or one["ends"] > now]

    def receiver(self, row: Mapping[str, Any]) -> Receiver:
        """Raises ValueError where the server's secret is another than it was sealed with."""
        id = row["id"] if isinstance(row["id"], UUID) else UUID(row["id"])
        secrets = [self._opened(id, one["sealed"]) for one in self.live(row["secrets"])]
        sealed = row["sealed_headers"]
        return Receiver(row["url"], secrets, from_json(self._opened(id, sealed)) if sealed else {})

    def _opened(self, id: UUID, sealed: str) -> str:
        text = unseal(self.ctx.house.secret, sealed, self._place(id))
        if text is None:
            raise ValueError("sealed with another secret of the server")
        return text

    def _place(self, id: UUID) -> str:
        return f"{self.ctx.tenant.id} {WEBHOOK_ENDPOINT.prefix.write(id)}"
