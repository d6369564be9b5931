"""The one thing every service and repository is given."""

from collections import deque
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from .actor import Actor, Doorkeeper, Tenant
from .clock import Clock
from .deadline import Deadlines
from .definitions import FieldBook, Fields, NoFields, hidden
from .errors import PreconditionFailed, PreconditionRequired
from .events import Cause, Event, Subscriptions
from .eyes import eyes
from .idempotency import Once
from .ids import uuid7
from .languages import Headers, language_of
from .listening import Streams
from .metrics import Metrics
from .one_by_one import OneByOne
from .outbound import Outbound
from .pool import Pool
from .resource import Resource
from .throttle import Throttle
from .words import say
from .work import UnitOfWork


@dataclass(frozen=True, slots=True)
class House:
    """What the requests of one process share.

    `scopes` are all that an operation asks for, `feed_days` and `audit_days`
    how long events are shown, and kept.
    """

    pool: Pool
    doorkeeper: Doorkeeper
    clock: Clock
    subscriptions: Subscriptions
    secret: bytes
    scopes: frozenset[str]
    throttle: Throttle
    metrics: Metrics
    deadlines: Deadlines
    outbound: Outbound
    resources: tuple[Resource, ...] = ()
    repeats: OneByOne = field(default_factory=OneByOne)
    fields: FieldBook = field(default_factory=NoFields)
    feed_days: int = 30
    audit_days: int = 1095
    streams: Streams = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "streams", Streams(self.pool))

    async def close(self) -> None:
        await self.streams.close()
        await self.outbound.close()
        await self.pool.close()


@dataclass(slots=True)
class Context:
    """One unit of work: one actor, one tenant, one transaction. `unit` is the business unit that a
    request is for, if it says one."""

    house: House
    actor: Actor
    work: UnitOfWork
    request_id: str
    now: datetime
    if_match: Container[int] | None = None
    once: Once | None = None
    dry_run: bool = False
    events: deque[Event] = field(default_factory=deque)
    cause: Cause | None = None
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    headers: Headers = ()
    fields: Fields | None = None
    unit: UUID | None = None

    @classmethod
    def open(cls, house: House, actor: Actor, request_id: str) -> "Context":
        work = UnitOfWork(house.pool, actor.tenant.id, eyes(actor))
        return cls(house, actor, work, request_id, actor.tenant.now(house.clock))

    def act_as(self, actor: Actor) -> None:
        self.actor, self.work.eyes = actor, eyes(actor)

    @property
    def tenant(self) -> Tenant:
        return self.actor.tenant

    @property
    def language(self) -> str:
        """The one that the caller reads; ask for it only when there is something to say."""
        return language_of(self.headers)

    @property
    def seen(self) -> int | None:
        """The one version that the caller has seen, if he says so."""
        said = self.if_match
        return next(iter(said)) if isinstance(said, frozenset) and len(said) == 1 else None

    async def learn(self, *, again: bool = False) -> Fields:
        """What the tenant has defined itself; asked for once in a unit of work, or `again`."""
        if self.fields is None or again:
            book = self.house.fields
            self.fields = await (book.again(self.work) if again else book.of(self.work))
            self.work.hidden = hidden(self.fields, masked=self.actor.masked)
        return self.fields

    def new_id(self) -> UUID:
        """For a record that is created now: records sort by their ids as by their times."""
        return uuid7(self.now)

    def emit(self, event: Event) -> None:
        """Say that something happened; its handlers run before this transaction commits."""
        self.events.append(event)

    async def finish(self) -> None:
        """Commit a unit of work that answers nobody, such as a command's."""
        try:
            await self.house.subscriptions.dispatch(self)
            await self.work.commit()
        except BaseException as error:
            await self.work.abandon(error)
            raise

    def expect(self, version: int | None, *, required: bool = False) -> None:
        """Refuse to change what the caller has not seen (RFC 9110, If-Match; RFC 6585, 428).

        `version` is null where there is no record yet: no `If-Match` allows that, not even `*`.
        """
        if required and self.if_match is None:
            raise PreconditionRequired(
                say("Send If-Match with the ETag of the record you have read.")
            )
        if self.if_match is None:
            return
        if version is None or version not in self.if_match:
            raise PreconditionFailed(
                say(
                    "The record has changed since you read it: read it again and repeat "
                    "your change."
                ),
                current_version=version,
            )
