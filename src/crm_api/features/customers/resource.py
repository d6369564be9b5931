from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import Customer, CustomerState

CUSTOMER = Resource(
    noun="customer",
    prefix=Prefix("cus"),
    model=Customer,
    states={
        CustomerState.live: (CustomerState.archived,),
        CustomerState.archived: (CustomerState.live,),
    },
    custom=True,
    merges={
        "customers.parent_id": "repoint",
        "customer_keys.customer_id": "repoint",
        "customer_viewers.customer_id": "repoint",
    },
)
