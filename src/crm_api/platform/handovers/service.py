from collections.abc import Sequence
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.projection import Written
from crm_api.platform.business_units.service import BusinessUnitService
from crm_api.platform.jobs.schemas import JobRead
from crm_api.platform.jobs.service import JobService
from crm_api.platform.users.belongings import Belongings
from crm_api.platform.users.service import UserService

from . import rules
from .repository import HandoverRepository
from .rules import Role, Share
from .schemas import Asked, HandoverRule, UserHandover, UserHandoverPlan, UserHandoverPreview

KIND, FILE = "users.handover", ("application/x-ndjson", "handover.ndjson")
NEEDS = ("handovers:write", "users:write")


class HandoverService:
    """What belongs to a user is given to others, by rules."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.users = UserService(ctx)

    async def preview(self, id: UUID, data: UserHandoverPlan) -> UserHandoverPreview:
        """Raises what the handover would raise."""
        await self.users.check_came(id)
        await self.check(id, data.rules)
        shares = await self.shares(id, data.rules)
        roles = [rules.told(name, share) for name, share in shares.items()]
        return UserHandoverPreview(object="user_handover_preview", user_id=id, roles=roles)

    async def start(self, id: UUID, data: UserHandover) -> Written[JobRead]:
        """Raises NotFound, HasGone, TheirOwnSuccessor, UnknownReference, UnknownUsers."""
        cause = await self.users.hand_over(id)
        await self.check(id, data.rules)
        asked = Asked(user_id=id, cause=cause, rules=data.rules).model_dump(mode="json")
        return await JobService(self.ctx).start(KIND, asked, NEEDS, FILE)

    async def check(self, id: UUID, sent: Sequence[HandoverRule]) -> None:
        """Raises TheirOwnSuccessor, UnknownReference, UnknownUsers."""
        rules.check_others(id, sent)
        await BusinessUnitService(self.ctx).check_known(rules.units(sent))
        await self.users.check_named(rules.recipients(sent))

    async def shares(self, id: UUID, sent: Sequence[HandoverRule]) -> dict[str, Share]:
        """What would become of the records of each role."""
        return {name: await self._share(of, role, id, sent) for name, of, role in rules.every()}

    async def _share(
        self, of: Belongings, role: Role, id: UUID, sent: Sequence[HandoverRule]
    ) -> Share:
        records, share = HandoverRepository(self.ctx, of), Share()
        found = await records.counted(role, id, list(rules.recipients(sent).values()))
        above = await records.above({one.unit for one in found if one.unit})
        for one in found:
            to = rules.successor(sent, above.get(one.unit, ()), one.itself)
            share[rules.fate(role, to, live=one.live)] += one.records
        return share
