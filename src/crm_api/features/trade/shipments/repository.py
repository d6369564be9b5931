from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from crm_api.kit.db import table_of
from crm_api.kit.events import Event
from crm_api.kit.projection import Written
from crm_api.kit.recording import record
from crm_api.kit.statement import TENANT, quoted
from crm_api.platform.external_ids.repository import KnownElsewhere

from . import events
from .models import Shipment, ShipmentState
from .resource import SHIPMENT, WAITING
from .rules import reached
from .schemas import ShipmentRead

SHIPMENTS = table_of(Shipment)
OF_ORDER = select(SHIPMENTS.c.id).where(
    SHIPMENTS.c.tenant_id == TENANT,
    SHIPMENTS.c.order_id == bindparam("order", type_=Uuid()),
    SHIPMENTS.c.status.in_([quoted(state) for state in WAITING]),
)

REACHED: dict[str, type[Event]] = {
    ShipmentState.ready: events.ShipmentReadied,
    ShipmentState.shipped: events.ShipmentShipped,
    ShipmentState.delivered: events.ShipmentDelivered,
    ShipmentState.accepted: events.ShipmentAccepted,
    ShipmentState.refused: events.ShipmentRefused,
    ShipmentState.failed: events.ShipmentFailed,
    ShipmentState.cancelled: events.ShipmentCancelled,
}


class ShipmentRepository(KnownElsewhere[Shipment, ShipmentRead]):
    model = Shipment
    noun = SHIPMENT
    read = ShipmentRead

    def add_new(self, **values: Any) -> Written[ShipmentRead]:
        self.rename(values["id"], {}, values)
        written = self.add(events.ShipmentCreated, **values)
        if values["status"] == ShipmentState.ready:
            record(self.ctx, ShipmentRead, events.ShipmentReadied, written.id, written.version)
        return written

    def rewrite(self, row: Shipment, event: type[Event], **values: Any) -> Written[ShipmentRead]:
        self.rename(row.id, vars(row), vars(row) | values)
        return super().rewrite(row, event, **values)

    def reach(self, row: Shipment, to: ShipmentState, **values: Any) -> Written[ShipmentRead]:
        """Raises InvalidTransition."""
        self.noun.check_transition(row.status, to)
        return self.rewrite(row, REACHED[to], **reached(to, self.ctx.now), **values)

    async def waiting_for(self, order: UUID) -> list[Shipment]:
        """Those of an order that have not left, locked, whoever calls."""
        ids = [row.id for row in await self.ctx.work.rows(OF_ORDER, {"order": order})]
        rows = await self.load_any(ids) if ids else []
        return [row for row in rows if row.status in WAITING]
