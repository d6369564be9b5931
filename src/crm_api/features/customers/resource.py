from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Transition, live_and_archived
from crm_api.kit.resource import Resource
from crm_api.kit.words import say

from .models import Customer, CustomerState

CUSTOMER = Resource(
    noun="customer",
    prefix=Prefix("cus"),
    model=Customer,
    machines={
        "state": live_and_archived(
            CustomerState,
            Transition(
                say("Another system sends it again."), CustomerState.archived, CustomerState.live
            ),
        )
    },
    custom=True,
    merges={
        "customers.parent_id": "repoint",
        "customer_keys.customer_id": "repoint",
        "customer_viewers.customer_id": "repoint",
    },
)
