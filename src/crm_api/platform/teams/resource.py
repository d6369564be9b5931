from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import live_and_archived
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents
from crm_api.platform.users.belongings import Belongings, Shared, Sole, belongings

from .models import Team, TeamMember, TeamState

TEAMS = table_of(Team)
TEAM = Resource(
    noun="team",
    prefix=Prefix("tem"),
    model=Team,
    machines={"state": live_and_archived(TeamState)},
)
residents[TEAM.word] = TEAMS.c.business_unit_id
belongings[TEAM.word] = Belongings(
    TEAM,
    roles=(
        Sole("lead", TEAMS.c.lead_id),
        Shared("member", TEAMS.c.member_ids, table_of(TeamMember).c.team_id, passes=False),
    ),
    state=TEAMS.c.state,
    live=(TeamState.live,),
)
