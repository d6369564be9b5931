from typing import Any

from crm_api.kit.events import Event
from crm_api.kit.naming import NamedRepository
from crm_api.kit.projection import Written
from crm_api.platform.users.listed import relist

from .models import Team, TeamMember
from .resource import TEAM
from .schemas import TeamRead


class TeamRepository(NamedRepository[Team, TeamRead]):
    model = Team
    noun = TEAM
    read = TeamRead

    def rewrite(self, row: Team, event: type[Event], **values: Any) -> Written[TeamRead]:
        if "member_ids" in values:
            mine = {"team_id": row.id}
            relist(self, TeamMember, mine, row.member_ids, values["member_ids"])
        return super().rewrite(row, event, **values)
