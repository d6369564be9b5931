"""What is due, with all that sending it needs: judged anew before each attempt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row

from crm_api.kit.actor import Tenant
from crm_api.kit.context import Context, House
from crm_api.kit.errors import Problem
from crm_api.kit.whole import whole
from crm_api.platform.webhook_endpoints.condition import EndpointCondition
from crm_api.platform.webhook_endpoints.models import EndpointState
from crm_api.platform.webhook_endpoints.sending import Receiver
from crm_api.platform.webhook_endpoints.vault import Vault

from .models import DeliveryState
from .registry import DeliveryQueue
from .rules import Ending, shows_less
from .viewing import Rendered, Viewer, known, system, viewer_of

FRESH, NIL = 1.0, UUID(int=0)
SUSPENDED_SECONDS = 300
OPEN = (DeliveryState.pending, DeliveryState.retrying)
CANCELLED, PAUSED = Ending(DeliveryState.cancelled), Ending(DeliveryState.paused)
log = structlog.get_logger("crm_api.webhooks")


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that is to be sent now.

    `settled` says what becomes of it where nothing is to be sent; `again` is its body where that
    had to be rendered anew. Without a receiver it cannot be sent, by a fault of ours. Of
    an endpoint where one `is_astray`, others wait that should not, or do not that should.
    """

    tenant: Tenant
    endpoint_id: UUID
    event_id: UUID
    settled: Ending | None = None
    tries: int = 0
    body: str = ""
    receiver: Receiver | None = None
    is_unwell: bool = False
    is_astray: bool = False
    again: Rendered | None = None


class Loading:
    """Rights are looked up once in a second: so long a revoked key may still be sent something."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._viewers: dict[Any, tuple[Viewer | None, float]] = {}

    async def load(self, tenant_id: UUID, ids: Sequence[UUID]) -> Sequence[Due]:
        tenant, suspended = await known(self.house, tenant_id)
        async with whole(system(self.house, tenant)) as ctx:
            rows = await DeliveryQueue(ctx).load(ids)
            return [await self._safely(ctx, rows.get(id), suspended) for id in ids]

    async def _safely(self, ctx: Context, row: Row[Any] | None, suspended: bool) -> Due:
        """What is wrong with one delivery harms no other."""
        due = Due(ctx.tenant, NIL, NIL) if row is None else _plain(ctx, row)
        try:
            return await self._due(ctx, row, due, suspended)
        except Problem:
            raise
        except Exception as error:
            log.warning("delivery cannot be sent", endpoint=str(due.endpoint_id), exc_info=error)
            return due

    async def _due(self, ctx: Context, row: Row[Any] | None, due: Due, suspended: bool) -> Due:
        if row is None or (settled := _settled(ctx, row, suspended)) is not None:
            return replace(due, settled=CANCELLED if row is None else settled)
        viewer = await self._viewer(ctx, row)
        if viewer is None:
            await EndpointCondition(ctx).forsake_all([row.endpoint_id])
            return replace(due, settled=PAUSED)
        if not await viewer.sees(row.event_id, row.event_type):
            return replace(due, settled=CANCELLED)
        receiver = Vault(ctx).receiver(_endpoint(row))
        due = replace(due, receiver=receiver)
        if not shows_less(viewer.seen(row.event_type, erased=row.erased), row.seen):
            return due
        again = await viewer.rendered(row.event_id, row.event_type, is_thin=row.payload == "thin")
        if again is None:
            return replace(due, settled=CANCELLED)
        return replace(due, body=again.body, again=again)

    async def _viewer(self, ctx: Context, row: Row[Any]) -> Viewer | None:
        said = (tuple(row.scopes), row.masked, tuple(row.masks))
        rights = (ctx.tenant.id, row.created_by, row.user_id, *said)
        viewer, until = self._viewers.get(rights, (None, 0.0))
        if until < monotonic():
            self._forget_the_old()
            viewer = await viewer_of(self.house, ctx.tenant, row)
            self._viewers[rights] = (viewer, monotonic() + FRESH)
        return viewer

    def _forget_the_old(self) -> None:
        now = monotonic()
        self._viewers = {of: one for of, one in self._viewers.items() if one[1] > now}


def _plain(ctx: Context, row: Row[Any]) -> Due:
    return Due(
        ctx.tenant,
        row.endpoint_id,
        row.event_id,
        tries=row.tries,
        body=row.body,
        is_unwell=bool(row.failures),
        is_astray=row.has_paused or row.endpoint_state in (None, EndpointState.disabled),
    )


def _settled(ctx: Context, row: Row[Any], suspended: bool) -> Ending | None:
    """Null where it is to be sent."""
    if row.endpoint_state is None:
        return CANCELLED
    if row.endpoint_state == EndpointState.disabled:
        return PAUSED
    if row.state not in OPEN:
        return Ending(DeliveryState(row.state))
    if suspended:
        return Ending(DeliveryState(row.state), ctx.now + timedelta(seconds=SUSPENDED_SECONDS))
    if row.not_before is not None and row.not_before > ctx.now:
        return Ending(DeliveryState(row.state), row.not_before)
    return None


def _endpoint(row: Row[Any]) -> Mapping[str, Any]:
    return {**row._mapping, "id": row.endpoint_id}
