from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition
from crm_api.kit.resource import Resource
from crm_api.kit.words import say
from crm_api.platform.business_units.residents import residents

from .models import AccessGrant, AccessGrantState

ACCESS_GRANT = Resource(
    noun="access grant",
    prefix=Prefix("agr"),
    model=AccessGrant,
    machines={
        "state": Machine(
            AccessGrantState.active,
            (
                Transition("revoke", AccessGrantState.active, AccessGrantState.revoked),
                Transition(
                    say("Its time is over."), AccessGrantState.active, AccessGrantState.expired
                ),
            ),
        )
    },
    merges={"access_grants.customer_id": "repoint"},
)
residents[ACCESS_GRANT.word] = table_of(AccessGrant).c.business_unit_id
