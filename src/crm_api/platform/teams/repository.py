from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_api.kit.events import Event
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

    def rewrite(self, row: Team, event: type[Event], **values: Any) -> Written[TeamRead]:
        if "member_ids" in values:
            self._list(row.id, known(row.member_ids), known(values["member_ids"]))
        return super().rewrite(row, event, **values)

    def regroup(self, team: Team, members: Sequence[UUID]) -> Written[TeamRead]:
        told = [USER.prefix.write(user) for user in dict.fromkeys(members)]
        return self.rewrite(team, TeamUpdated, member_ids=told)

    def _list(self, id: UUID, before: list[UUID], after: list[UUID]) -> None:
        """The rows by which members find their team."""
        for user in sorted(set(before) - set(after)):
            self.unlink(TeamMember, user_id=user, team_id=id)
        for user in sorted(set(after) - set(before)):
            self.link(TeamMember, user_id=user, team_id=id)


def known(ids: Sequence[str]) -> list[UUID]:
    return [USER.prefix.read(id) for id in ids]
