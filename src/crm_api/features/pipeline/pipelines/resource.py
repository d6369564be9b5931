from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import live_and_archived
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .models import Pipeline, PipelineState

STAGE = Prefix("stg")
PIPELINE = Resource(
    noun="pipeline",
    prefix=Prefix("pip"),
    model=Pipeline,
    machines={"state": live_and_archived(PipelineState)},
)
residents[PIPELINE.word] = table_of(Pipeline).c.business_unit_id
