from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import live_and_archived
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .models import SlaPolicy, SlaPolicyState

SLA_POLICY = Resource(
    noun="sla policy",
    prefix=Prefix("slp"),
    model=SlaPolicy,
    machines={"state": live_and_archived(SlaPolicyState)},
)
residents[SLA_POLICY.word] = table_of(SlaPolicy).c.business_unit_id
