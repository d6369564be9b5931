"""What belongs to a user is given to others, some hundred records in a step."""

from uuid import UUID

from pydantic import BaseModel

from crm_api.kit.context import Context
from crm_api.kit.events import Cause
from crm_api.kit.walking import BEGINNING
from crm_api.platform.jobs.run import Run
from crm_api.platform.users.belongings import Belongings

from . import rules
from .repository import HandoverRepository, Held
from .rules import Role, Share
from .schemas import Asked
from .service import HandoverService

AT_ONCE = 250


class Reached(BaseModel):
    """How far a job is: which roles are `done`, the last record in the next of them, what became
    of the records of each, and how many there were in `all` when it began."""

    all: int
    done: list[str] = []
    after: UUID = BEGINNING
    shares: dict[str, Share] = {}
    left: bool = True

    @property
    def percent(self) -> int:
        return 100 * sum(share.total() for share in self.shares.values()) // max(self.all, 1)


class Handing:
    """A step of a job. Who takes over, and whether they are still there, is asked in each."""

    def __init__(self, ctx: Context, run: Run) -> None:
        self.ctx, self.run = ctx, run
        self.asked = Asked(**run.asked)
        self.handovers = HandoverService(ctx)

    async def go_on(self) -> None:
        """`left` in the checkpoint says whether there is more. Raises UnknownUsers."""
        await self.handovers.check(self.asked.user_id, self.asked.rules)
        self.ctx.cause = Cause(self.asked.cause, 0)
        reached = await self._reached()
        turn = next((one for one in rules.every() if one[0] not in reached.done), None)
        if turn is None:
            self._tell(reached)
        else:
            await self._hand_over_some(reached, *turn)
        self.run.percent = reached.percent
        self.run.checkpoint = reached.model_dump(mode="json")

    async def _reached(self) -> Reached:
        if self.run.checkpoint:
            return Reached(**self.run.checkpoint)
        shares = await self.handovers.shares(self.asked.user_id, self.asked.rules)
        return Reached(all=sum(share.total() for share in shares.values()))

    async def _hand_over_some(
        self, reached: Reached, name: str, of: Belongings, role: Role
    ) -> None:
        records = HandoverRepository(self.ctx, of)
        ids = await records.next_ids(role, self.asked.user_id, reached.after, AT_ONCE)
        for held in await records.locked(ids):
            for one, fate in self._hand_over(records, role, held):
                reached.shares.setdefault(f"{of.noun.word}.{one.role}", Share())[fate] += 1
                self.run.figures[fate if fate in rules.STAYS else of.noun.word] += 1
        if len(ids) == AT_ONCE:
            reached.after = ids[-1]
        else:
            reached.done, reached.after = [*reached.done, name], BEGINNING

    def _hand_over(
        self, records: HandoverRepository, role: Role, held: Held
    ) -> list[tuple[Role, str]]:
        """What becomes of a record: it changes hands with all roles that the user has in it."""
        user, row = self.asked.user_id, held.row
        mine = [one for one in records.of.roles if rules.has(one, row, user)]
        if role not in mine:  # somebody was here before
            return []
        to = rules.successor(self.asked.rules, held.above, row.id)
        if held.live and to:
            records.change(row, rules.passed(mine, row, user, to))
        else:
            mine = [role]
        return [(one, rules.fate(one, to, live=held.live)) for one in mine]

    def _tell(self, reached: Reached) -> None:
        for name, _, _ in rules.every():
            told = rules.told(name, reached.shares.get(name, Share()))
            self.run.write(told.model_dump_json().encode(), b"\n")
        reached.left = False
