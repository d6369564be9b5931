from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import live_and_archived
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .models import Channel, ChannelState

CHANNEL = Resource(
    noun="channel",
    prefix=Prefix("chn"),
    model=Channel,
    machines={"state": live_and_archived(ChannelState)},
)
residents[CHANNEL.word] = table_of(Channel).c.business_unit_id
