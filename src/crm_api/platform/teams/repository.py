from collections.abc import Sequence
from uuid import UUID

from crm_api.kit.naming import NamedRepository
from crm_api.kit.projection import Written
from crm_api.platform.users.resource import USER

from .events import TeamUpdated
from .models import Team, TeamMember
from .resource import TEAM
from .schemas import TeamRead


class TeamRepository(NamedRepository[Team, TeamRead]):
    model = Team
    noun = TEAM
    read = TeamRead

    def regroup(self, team: Team, members: Sequence[UUID]) -> Written[TeamRead]:
        """Other members, with the rows by which they find the team."""
        before, after = dict.fromkeys(members_of(team)), dict.fromkeys(members)
        for user in sorted(before.keys() - after.keys()):
            self.unlink(TeamMember, user_id=user, team_id=team.id)
        for user in sorted(after.keys() - before.keys()):
            self.link(TeamMember, user_id=user, team_id=team.id)
        told = [USER.prefix.write(user) for user in after]
        return self.rewrite(team, TeamUpdated, member_ids=told)


def members_of(team: Team) -> list[UUID]:
    return [USER.prefix.read(id) for id in team.member_ids]
