from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import BusinessUnit, BusinessUnitState

BUSINESS_UNIT = Resource(
    noun="business unit",
    prefix=Prefix("bun"),
    model=BusinessUnit,
    states={
        BusinessUnitState.live: (BusinessUnitState.archived,),
        BusinessUnitState.archived: (BusinessUnitState.live,),
    },
)
