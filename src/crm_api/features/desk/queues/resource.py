from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import live_and_archived
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .models import Queue, QueueState

QUEUE = Resource(
    noun="queue",
    prefix=Prefix("que"),
    model=Queue,
    machines={"state": live_and_archived(QueueState)},
)
residents[QUEUE.word] = table_of(Queue).c.business_unit_id
