from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition
from crm_api.kit.resource import Resource
from crm_api.kit.words import say
from crm_api.platform.business_units.residents import residents

from .models import AccessRequest, AccessRequestState

ACCESS_REQUEST = Resource(
    noun="access request",
    prefix=Prefix("arq"),
    model=AccessRequest,
    machines={
        "state": Machine(
            AccessRequestState.pending,
            (
                Transition("approve", AccessRequestState.pending, AccessRequestState.approved),
                Transition("reject", AccessRequestState.pending, AccessRequestState.rejected),
                Transition("withdraw", AccessRequestState.pending, AccessRequestState.withdrawn),
                Transition(
                    say("Nobody has decided in time."),
                    AccessRequestState.pending,
                    AccessRequestState.expired,
                ),
            ),
        )
    },
    merges={"access_requests.customer_id": "unite"},
)
residents[ACCESS_REQUEST.word] = table_of(AccessRequest).c.business_unit_id
