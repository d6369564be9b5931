"""What records keep secret, sealed for the one record of the one tenant; and secrets that change
while both sides still use the old one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from .context import Context
from .errors import Conflict
from .ids import Prefix
from .sealing import seal, unseal
from .times import rfc3339
from .words import say

MOST_SECRETS = 5
Secret = dict[str, Any]


class TooManySecrets(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(
            say("{most} secrets are in use: wait until the oldest ends.", most=most),
        )


class Vault:
    def __init__(self, ctx: Context, prefix: Prefix) -> None:
        self.ctx, self.prefix = ctx, prefix

    def seal(self, id: UUID, text: str) -> str:
        return seal(self.ctx.house.secret, text, self._place(id))

    def open(self, id: UUID, sealed: str) -> str:
        """Raises ValueError where the server's secret is another than it was sealed with."""
        text = unseal(self.ctx.house.secret, sealed, self._place(id))
        if text is None:
            raise ValueError("sealed with another secret of the server")
        return text

    def sealed(self, id: UUID, secret: str) -> Secret:
        """A secret that signs until it is given an end."""
        return {"sealed": self.seal(id, secret), "ends": None}

    def live(self, secrets: Sequence[Secret]) -> list[Secret]:
        """Those that sign now, the oldest first."""
        now = rfc3339(self.ctx.now)
        return [one for one in secrets if one["ends"] is None or one["ends"] > now]

    def opened(self, id: UUID, secrets: Sequence[Secret]) -> list[str]:
        """Those that sign now, as they are."""
        return [self.open(id, one["sealed"]) for one in self.live(secrets)]

    def rotated(
        self, id: UUID, secrets: Sequence[Secret], secret: str, until: datetime
    ) -> Mapping[str, Any]:
        """What a row says that has a new secret, and whose last one signs until then.

        Raises TooManySecrets.
        """
        *older, last = self.live(secrets)
        kept = [*older, {**last, "ends": rfc3339(until)}]
        if len(self.live(kept)) >= MOST_SECRETS:
            raise TooManySecrets(MOST_SECRETS)
        ends = max([until, *(datetime.fromisoformat(old["ends"]) for old in older)])
        return {
            "secrets": [*kept, self.sealed(id, secret)],
            "old_secrets_until": ends if ends > self.ctx.now else None,
        }

    def _place(self, id: UUID) -> str:
        return f"{self.ctx.tenant.id} {self.prefix.write(id)}"
