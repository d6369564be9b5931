from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition
from crm_api.kit.resource import Resource
from crm_api.kit.words import say
from crm_api.platform.business_units.residents import residents

from .models import Shipment, ShipmentState

WAITING = (ShipmentState.draft, ShipmentState.ready)
SHIPMENT = Resource(
    noun="shipment",
    prefix=Prefix("shp"),
    model=Shipment,
    machines={
        "status": Machine(
            ShipmentState.draft,
            (
                Transition("ready", ShipmentState.draft, ShipmentState.ready),
                Transition(
                    "ready",
                    ShipmentState.failed,
                    ShipmentState.ready,
                    say("To be sent once more."),
                ),
                Transition(
                    "cancel",
                    WAITING,
                    ShipmentState.cancelled,
                    say("A cancelled order does it too."),
                ),
                Transition(
                    "ship",
                    ShipmentState.ready,
                    ShipmentState.shipped,
                    say("While so much of the order is left to ship."),
                ),
                Transition("deliver", ShipmentState.shipped, ShipmentState.delivered),
                Transition("fail", ShipmentState.shipped, ShipmentState.failed),
                Transition("accept", ShipmentState.delivered, ShipmentState.accepted),
                Transition("refuse", ShipmentState.delivered, ShipmentState.refused),
            ),
        )
    },
    merges={"shipments.customer_id": "repoint"},
)
residents[SHIPMENT.word] = table_of(Shipment).c.business_unit_id
