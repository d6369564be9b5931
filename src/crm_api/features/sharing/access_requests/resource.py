from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .models import AccessRequest, AccessRequestState

ACCESS_REQUEST = Resource(
    noun="access request",
    prefix=Prefix("arq"),
    model=AccessRequest,
    states={
        AccessRequestState.pending: (
            AccessRequestState.approved,
            AccessRequestState.rejected,
            AccessRequestState.withdrawn,
            AccessRequestState.expired,
        ),
        AccessRequestState.approved: (),
        AccessRequestState.rejected: (),
        AccessRequestState.withdrawn: (),
        AccessRequestState.expired: (),
    },
    merges={"access_requests.customer_id": "unite"},
)
residents[ACCESS_REQUEST.word] = table_of(AccessRequest).c.business_unit_id
