"""Who comes while too much is being worked on is told at once to come back, and waits nowhere."""

import asyncio
from collections import Counter
from collections.abc import Hashable
from uuid import UUID

from starlette.types import ASGIApp, Receive, Scope, Send

from .actor import Actor
from .context import House
from .errors import RateLimited, Unavailable
from .metrics import Metrics
from .said import sent
from .words import say

READS = frozenset({"GET", "HEAD"})
INSIDE = ("/v1/", "/oauth/")
HELD_BACK, MOST_HELD_BACK = 0.05, 2.0
REFUSALS = 100
"""So many a second for one tenant or address, while fewer than this wait."""


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
            raise Unavailable(say("The server is busy: repeat the request in a moment."))
        self.inside += 1

    def enter_tenant(self, scope: Scope, tenant: UUID) -> None:
        """Once per request. Raises Unavailable where the tenant holds its share already."""
        if "place_of" in scope:
            return
        held = self._of.get(tenant, 0)
        if held >= max(1, self.most // (len(self._of) + (1 if held else 2))):
            self.metrics.refused("tenant_in_flight")
            raise Unavailable(say("Too many requests of your tenant are being worked on already."))
        self._of[tenant], scope["place_of"] = held + 1, tenant

    def leave(self, scope: Scope) -> None:
        """Once per request: an answer that goes on for long leaves before it begins."""
        if scope.get("has_left"):
            return
        scope["has_left"] = True
        self.inside -= 1
        tenant = scope.get("place_of")
        if tenant is None:
            return
        self._of[tenant] -= 1
        if not self._of[tenant]:
            del self._of[tenant]


class Turnstile:
    """Pure ASGI, around the operations of the API; health stays open to all.

    Refusing must cost little, or refusals alone would fill the process: a caller who has been
    here some seconds ago is known at once, before anything is routed or read. A refusal is held
    back for a moment, so that whoever asks again at once gains nothing by it; one of many at the
    same time for longer, so that no tenant, and no address of strangers, makes us refuse more
    than so often.
    """

    def __init__(self, app: ASGIApp, admission: Admission) -> None:
        self.app, self.admission = app, admission
        self._held: Counter[Hashable] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(INSIDE):
            return await self.app(scope, receive, send)
        caller = self._recognize(scope)
        try:
            self._enter(scope, caller)
            try:
                await self.app(scope, receive, send)
            finally:
                self.admission.leave(scope)
        except (Unavailable, RateLimited):
            await self._hold_back(caller.tenant.id if caller else _address(scope))
            raise

    def _recognize(self, scope: Scope) -> Actor | None:
        """Whose key it was some seconds ago; for `scope` only if that is sure to be so still."""
        house: House = scope["app"].state.house
        actor, certain = house.doorkeeper.remembered(sent(scope, b"authorization"))
        scope["house"], scope["admission"] = house, self.admission
        scope["actor"] = actor if certain else None
        return actor

    def _enter(self, scope: Scope, caller: Actor | None) -> None:
        """Raises RateLimited or Unavailable, and then holds no place."""
        if caller is not None:
            scope["house"].throttle.refuse(caller, scope["answer_headers"])
        self.admission.enter(scope["method"])
        if caller is not None:
            try:
                self.admission.enter_tenant(scope, caller.tenant.id)
            except Unavailable:
                self.admission.leave(scope)
                raise

    async def _hold_back(self, whose: Hashable) -> None:
        self._held[whose] += 1
        try:
            await asyncio.sleep(min(MOST_HELD_BACK, max(HELD_BACK, self._held[whose] / REFUSALS)))
        finally:
            self._held[whose] -= 1
            if not self._held[whose]:
                del self._held[whose]


def _address(scope: Scope) -> str | None:
    return scope["client"][0] if scope["client"] else None
