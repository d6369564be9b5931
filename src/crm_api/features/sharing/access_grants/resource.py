from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .models import AccessGrant, AccessGrantState

ACCESS_GRANT = Resource(
    noun="access grant",
    prefix=Prefix("agr"),
    model=AccessGrant,
    states={
        AccessGrantState.active: (AccessGrantState.revoked, AccessGrantState.expired),
        AccessGrantState.revoked: (),
        AccessGrantState.expired: (),
    },
    merges={"access_grants.customer_id": "repoint"},
)
residents[ACCESS_GRANT.word] = table_of(AccessGrant).c.business_unit_id
