from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .models import Team, TeamState

TEAM = Resource(
    noun="team",
    prefix=Prefix("tem"),
    model=Team,
    states={
        TeamState.live: (TeamState.archived,),
        TeamState.archived: (TeamState.live,),
    },
)
residents[TEAM.word] = table_of(Team).c.business_unit_id
