from crm_api.kit.ids import Prefix
from crm_api.kit.machines import live_and_archived
from crm_api.kit.resource import Resource

from .models import BusinessUnit, BusinessUnitState

BUSINESS_UNIT = Resource(
    noun="business unit",
    prefix=Prefix("bun"),
    model=BusinessUnit,
    machines={"state": live_and_archived(BusinessUnitState)},
)
