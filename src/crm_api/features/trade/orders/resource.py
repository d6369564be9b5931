from crm_api.features.trade.terms.schemas import OrderStatus
from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition
from crm_api.kit.overviews import Shown, shown
from crm_api.kit.resource import Resource
from crm_api.kit.words import say
from crm_api.platform.business_units.residents import residents
from crm_api.platform.users.belongings import Belongings, Sole, belongings

from .models import Order

ORDERS = table_of(Order)
UNDER_WAY = (OrderStatus.confirmed, OrderStatus.in_progress)
ORDER = Resource(
    noun="order",
    prefix=Prefix("ord"),
    model=Order,
    machines={
        "status": Machine(
            OrderStatus.draft,
            (
                Transition("confirm", OrderStatus.draft, OrderStatus.confirmed),
                Transition(
                    say("The first shipment has left."),
                    OrderStatus.confirmed,
                    OrderStatus.in_progress,
                ),
                Transition("complete", UNDER_WAY, OrderStatus.completed),
                Transition(
                    "cancel",
                    (OrderStatus.draft, *UNDER_WAY),
                    OrderStatus.cancelled,
                    say("While nothing of it has been shipped or invoiced."),
                ),
            ),
        )
    },
    merges={"orders.customer_id": "repoint"},
    custom=True,
)
residents[ORDER.word] = ORDERS.c.business_unit_id
belongings[ORDER.word] = Belongings(
    ORDER,
    roles=(Sole("owner", ORDERS.c.owner_id),),
    state=ORDERS.c.status,
    live=(OrderStatus.draft, *UNDER_WAY),
)
shown["orders"] = Shown(
    ORDER,
    by="customer_id",
    where={"status": (*UNDER_WAY, OrderStatus.completed)},
    sort=("-ordered_at",),
    most=5,
    sums={"totals": "total", "paid": "paid"},
)
