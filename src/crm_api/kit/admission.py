"""Who comes while too much is being worked on is told at once to come back, and waits nowhere."""

from collections.abc import MutableMapping
from typing import Any
from uuid import UUID

from starlette.types import ASGIApp, Receive, Scope, Send

from .errors import Unavailable
from .metrics import Metrics

READS = frozenset({"GET", "HEAD"})


class Admission:
    """Places for `most` requests of this process; the last ones are for writes.

    A tenant may hold as many places as there are for each of the tenants that hold some now, and
    for one that is still to come: half of them while it is alone, a third beside another one.
    """

    def __init__(self, most: int, for_writes: int, metrics: Metrics) -> None:
        self.most, self.for_reads, self.metrics = most, most - for_writes, metrics
        self.inside = 0
        self._of: dict[UUID, int] = {}

    def enter(self, method: str) -> None:
        """Raises Unavailable where there is no place left."""
        if self.inside >= (self.for_reads if method in READS else self.most):
            self.metrics.refused("in_flight")
            raise Unavailable("The server is busy: repeat the request in a moment.")
        self.inside += 1

    def enter_tenant(self, scope: MutableMapping[str, Any], tenant: UUID) -> None:
        """Raises Unavailable where the tenant holds its share of places already."""
        held = self._of.get(tenant, 0)
        if held >= max(1, self.most // (len(self._of) + (1 if held else 2))):
            self.metrics.refused("tenant_in_flight")
            raise Unavailable("Too many requests of your tenant are being worked on already.")
        self._of[tenant], scope["place_of"] = held + 1, tenant

    def leave(self, scope: Scope) -> None:
        self.inside -= 1
        tenant = scope.get("place_of")
        if tenant is None:
            return
        self._of[tenant] -= 1
        if not self._of[tenant]:
            del self._of[tenant]


class Turnstile:
    """Pure ASGI, around the operations of the API; health stays open to all."""

    def __init__(self, app: ASGIApp, admission: Admission) -> None:
        self.app, self.admission = app, admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            return await self.app(scope, receive, send)
        self.admission.enter(scope["method"])
        scope["admission"] = self.admission
        try:
            await self.app(scope, receive, send)
        finally:
            self.admission.leave(scope)
