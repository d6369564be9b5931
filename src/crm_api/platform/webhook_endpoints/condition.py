"""How endpoints are doing: what they answer makes them degraded, disabled, and active again."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.events import Event

from .events import (
    WebhookEndpointDegraded,
    WebhookEndpointDisabled,
    WebhookEndpointRecovered,
)
from .models import DisabledReason, EndpointState, WebhookEndpoint
from .repository import WebhookEndpointRepository
from .rules import Attempts, Health, health

TOLD_BY: Mapping[EndpointState, type[Event]] = {
    EndpointState.active: WebhookEndpointRecovered,
    EndpointState.degraded: WebhookEndpointDegraded,
    EndpointState.disabled: WebhookEndpointDisabled,
}


class EndpointCondition:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.endpoints = WebhookEndpointRepository(ctx)

    async def forsake(self, actor: UUID) -> None:
        """What somebody made sends nothing any more."""
        for endpoint in await self.endpoints.made_by(actor):
            self._disable(endpoint, DisabledReason.key_revoked)

    async def forsake_all(self, ids: Sequence[UUID]) -> None:
        """Whoever made these may see nothing any more."""
        for endpoint in await self.endpoints.load_all(ids):
            self._disable(endpoint, DisabledReason.key_revoked)

    async def of(self, id: UUID) -> WebhookEndpoint | None:
        """The row, without a lock."""
        return await self.endpoints.row(id)

    async def listening(self) -> list[WebhookEndpoint]:
        """All that are sent something."""
        return await self.endpoints.listening()

    async def break_filter(self, id: UUID) -> None:
        """Nobody knows any more what the filter asks for."""
        for endpoint in await self.endpoints.load_all([id]):
            self._disable(endpoint, DisabledReason.filter_broken)

    async def note(self, attempts: Mapping[UUID, Attempts]) -> dict[UUID, Health]:
        """How endpoints are after some attempts, of those that are not as before; another state
        is an event."""
        found = await self.endpoints.load_all(sorted(attempts)) if attempts else []
        noted = {row.id: self._note(row, attempts[row.id]) for row in found}
        return {id: after for id, after in noted.items() if after is not None}

    def _note(self, row: WebhookEndpoint, attempts: Attempts) -> Health | None:
        before = _health_of(row)
        after = health(before, attempts, self.ctx.now)
        if after == before:
            return None
        if after.state != before.state:
            told = {"state": after.state, "disabled_reason": after.reason, **after.values()}
            self.endpoints.change(row, TOLD_BY[after.state], **told)
        else:
            self.endpoints.keep_health(row.id, after.values())
        return after

    def _disable(self, endpoint: WebhookEndpoint, reason: DisabledReason) -> None:
        if endpoint.state == EndpointState.disabled:
            return
        told = {"state": EndpointState.disabled, "disabled_reason": reason}
        self.endpoints.change(endpoint, WebhookEndpointDisabled, **told)


def _health_of(row: WebhookEndpoint) -> Health:
    return Health(
        EndpointState(row.state),
        row.disabled_reason,
        row.failures,
        row.failing_since,
        row.not_before,
    )
