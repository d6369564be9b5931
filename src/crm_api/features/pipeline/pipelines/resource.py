from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .models import Pipeline, PipelineState

STAGE = Prefix("stg")
PIPELINE = Resource(
    noun="pipeline",
    prefix=Prefix("pip"),
    model=Pipeline,
    states={
        PipelineState.live: (PipelineState.archived,),
        PipelineState.archived: (PipelineState.live,),
    },
)
residents[PIPELINE.word] = table_of(Pipeline).c.business_unit_id
