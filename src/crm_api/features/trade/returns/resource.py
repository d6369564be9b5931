from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition
from crm_api.kit.resource import Resource
from crm_api.kit.words import say
from crm_api.platform.business_units.residents import residents

from .models import Return, ReturnState

OPEN = (ReturnState.approved, ReturnState.partially_received)
ARRIVED = (ReturnState.partially_received, ReturnState.received)
RETURN = Resource(
    noun="return",
    prefix=Prefix("ret"),
    model=Return,
    machines={
        "status": Machine(
            ReturnState.requested,
            (
                Transition("approve", ReturnState.requested, ReturnState.approved),
                Transition("reject", ReturnState.requested, ReturnState.rejected),
                Transition(
                    "receive",
                    OPEN,
                    ARRIVED,
                    say("As much of it as has arrived."),
                ),
                Transition("close", ARRIVED, ReturnState.closed),
            ),
        )
    },
    merges={"returns.customer_id": "repoint"},
)
residents[RETURN.word] = table_of(Return).c.business_unit_id
