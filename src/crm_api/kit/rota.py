"""What is done every so often, by one of all workers: each chore is a timer that nobody's tenant
owns, due again when it has been done."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_OID, UUID, uuid5

from .crew import Crew
from .leases import Leases
from .pool import Pool
from .timers import Lease, LeaseLost

KIND, LEASE_SECONDS = "chore", 60.0
NOBODY = UUID(int=0)
ENLIST = """
INSERT INTO timers (tenant_id, id, kind, lane, due_at) VALUES ($1, $2, $3, $2, now())
ON CONFLICT DO NOTHING"""


@dataclass(frozen=True, slots=True)
class Chore:
    """`work` is done until it finds nothing more to do, and again after so many `seconds`."""

    name: str
    seconds: float
    work: Callable[[], Awaitable[int]]

    @property
    def id(self) -> UUID:
        return uuid5(NAMESPACE_OID, self.name)


class Rota:
    """A chore whose worker dies, or that fails, is due again when its lease ends."""

    def __init__(self, pool: Pool, chores: Sequence[Chore]) -> None:
        self.pool = pool
        self.chores = {chore.id: chore for chore in chores}
        self.leases = Leases(pool, KIND, LEASE_SECONDS, 1)
        self.crew = Crew(self.leases, self._do, len(chores))
        self._enlisted = False

    async def turn(self) -> int:
        if not self._enlisted:
            await self._enlist()
        return await self.crew.turn()

    async def leave(self) -> None:
        await self.crew.leave()

    async def _enlist(self) -> None:
        async with self.pool.line() as line:
            await line.driver.executemany(ENLIST, [(NOBODY, id, KIND) for id in self.chores])
        self._enlisted = True

    async def _do(self, lease: Lease) -> None:
        """A chore of another release is left to it. Raises LeaseLost."""
        chore = self.chores.get(lease.id)
        while chore and await chore.work():
            pass
        rest = chore.seconds if chore else LEASE_SECONDS
        if not await self.leases.rest(lease, rest):
            raise LeaseLost
