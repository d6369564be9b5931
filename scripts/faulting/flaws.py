"""Defects, made on purpose: who looks for defects must find these."""

from collections.abc import Callable, Collection, Iterable
from typing import Any
from uuid import UUID

from fastapi import Response

from crm_api.features.desk.clock_facts.schemas import Fact, FactKind
from crm_api.features.desk.clocks.repository import SlaEventRepository
from crm_api.features.desk.consequences.service import TIMER, ConsequenceService
from crm_api.features.desk.queues.schemas import Strategy
from crm_api.features.desk.routing.repository import RoutingRepository
from crm_api.kit import repeats, timers
from crm_api.kit.changes import Changes
from crm_api.kit.context import Context
from crm_api.kit.idempotency import KEPT
from crm_api.kit.pool import Line
from crm_api.kit.projection import Written
from crm_api.kit.reader import Reader
from crm_api.kit.ruled import NO_MASKS, Masks
from crm_api.kit.timers import Lease
from crm_api.kit.transaction import Transaction
from crm_api.kit.whole import whole
from crm_api.kit.work import Answer, Kept, UnitOfWork
from crm_api.platform.organization.due import Due


def key_in_a_second_transaction() -> None:
    """The effect is committed before its key is kept."""
    commit = UnitOfWork.commit

    async def twice(
        self: UnitOfWork,
        answer: Written[Any] | None = None,
        keep: Kept | None = None,
        masks: Masks = NO_MASKS,
    ) -> Answer | None:
        found = await commit(self, answer, None, masks)
        if keep is not None:
            body, version = found or (keep["body"], None)
            later = UnitOfWork(self.transaction.pool, self.tenant_id)
            later.stage("insert", KEPT, {**keep, "body": body, "version": version})
            await commit(later)
        return found

    UnitOfWork.commit = twice  # type: ignore[method-assign]


def commit_dropped() -> None:
    """Every third transaction is answered as if it had been committed."""
    end, told = Transaction.end, []

    async def forgetful(self: Transaction, verb: str) -> None:
        told.append(verb)
        await end(self, "ROLLBACK" if len(told) % 3 == 0 else verb)

    Transaction.end = forgetful  # type: ignore[method-assign]


def repeated_with_another_tag() -> None:
    """A repetition carries the ETag of the next version."""
    replayed = repeats._replayed

    def hasty(ctx: Any, once: Any, known: dict[str, Any]) -> Response:
        version = known["version"]
        return replayed(ctx, once, known | {"version": version and version + 1})

    repeats._replayed = hasty


def event_forgotten() -> None:
    """Every third statement changes records and tells nobody."""
    statement, told = Changes.statement, []

    def silent(self: Changes, *asked: Any) -> tuple[str, list[Any]]:
        told.append(self)
        sql, arguments = statement(self, *asked)
        if len(told) % 3 == 0:
            arguments[2] = "[]"
        return sql, arguments

    Changes.statement = silent  # type: ignore[assignment,method-assign]


FLAWS: dict[str, Callable[[], None]] = {
    "key kept in a second transaction": key_in_a_second_transaction,
    "commit answered and dropped": commit_dropped,
    "repetition with another ETag": repeated_with_another_tag,
    "change without an event": event_forgotten,
}


def tenant_kept() -> None:
    """The tenant is set for the connection, and not for one transaction."""
    begin = Transaction.begin

    async def for_ever(self: Transaction) -> Line:
        line = await begin(self)
        await line.driver.execute(f"SELECT set_config('app.tenant', '{self.tenant_id}', false)")
        return line

    Transaction.begin = for_ever  # type: ignore[method-assign]


def sight_of_another() -> None:
    """Whoever reads is shown what the caller before him sees."""
    begin, before = Reader.__init__, dict[Any, Any]()

    def swapped(self: Reader[Any], ctx: Context) -> None:
        begin(self, ctx)
        mine = self.seen
        self.seen = before.get(self.read, mine)
        before[self.read] = mine

    Reader.__init__ = swapped  # type: ignore[method-assign]


OF_CONNECTIONS: dict[str, Callable[[], None]] = {
    "tenant kept by its connection": tenant_kept,
    "sight of another": sight_of_another,
}
"""What callers get from each other through what they share."""


def timer_ended_first() -> None:
    """A timer is over before what it is for is done."""
    do = Due.__call__

    async def hasty(self: Due, lease: Lease) -> None:
        if self.do.__module__ != "scripts.faulting.points":
            return await do(self, lease)
        async with whole(await self._open(lease.tenant_id)) as ctx:
            await timers.done(ctx, lease)
        async with whole(await self._open(lease.tenant_id)) as ctx:
            if next := await self.do(ctx, lease):
                await timers.hasten(ctx, TIMER, lease.id, lease.tenant_id, next)

    Due.__call__ = hasty  # type: ignore[method-assign]


def told_before_it_is_kept() -> None:
    """What steps call for is told at once, and that it was told is kept later."""
    keep, of_change = SlaEventRepository.keep, ConsequenceService.of_change
    told: list[tuple[UUID, Fact]] = []

    def set_aside(self: SlaEventRepository, ticket: UUID, facts: Iterable[Fact]) -> None:
        found = list(facts)
        told.extend((ticket, fact) for fact in found if fact.kind is FactKind.escalated)
        keep(self, ticket, (fact for fact in found if fact.kind is not FactKind.escalated))

    async def tell(self: ConsequenceService, *given: Any, **more: Any) -> Any:
        decided = await of_change(self, *given, **more)
        async with whole(_apart(self.ctx)) as ctx:
            while told:
                ticket, fact = told.pop()
                keep(SlaEventRepository(ctx), ticket, [fact])
        return decided

    SlaEventRepository.keep = set_aside  # type: ignore[method-assign]
    ConsequenceService.of_change = tell  # type: ignore[method-assign]


def turn_taken_at_once() -> None:
    """An agent has one ticket more before it is his."""
    take = RoutingRepository.take

    async def hasty(
        self: RoutingRepository, queue: UUID, way: Strategy, skills: Collection[str]
    ) -> UUID | None:
        async with whole(_apart(self.ctx)) as ctx:
            return await take(RoutingRepository(ctx), queue, way, skills)

    RoutingRepository.take = hasty  # type: ignore[method-assign]


def _apart(ctx: Context) -> Context:
    return Context.open(ctx.house, ctx.actor, ctx.request_id)


OF_SWEEPING: dict[str, Callable[[], None]] = {
    "timer ended before its work": timer_ended_first,
    "escalation told before it is kept": told_before_it_is_kept,
    "turn taken in a transaction of its own": turn_taken_at_once,
}
"""What tickets lose, or have twice, when a worker dies."""
