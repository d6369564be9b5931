"""The one thing every service and repository is given."""

from collections import deque
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from .clock import Clock
from .deadline import Deadlines
from .errors import PreconditionFailed, PreconditionRequired
from .events import Event, Subscriptions
from .metrics import Metrics
from .pool import Pool
from .throttle import Throttle
from .work import UnitOfWork

EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Tenant:
    """The group company that a request works for, and what it has settled for itself."""

    id: UUID
    name: str
    sandbox: bool
    base_currency: str
    time_zone: str
    phone_region: str
    languages: tuple[str, ...]
    allowed_origins: frozenset[str]
    rate_limit: int | None = None

    @classmethod
    def of(cls, id: UUID, settled: Mapping[str, Any]) -> "Tenant":
        return cls(
            id=id,
            name=settled["name"],
            sandbox=settled["kind"] == "sandbox",
            base_currency=settled["base_currency"],
            time_zone=settled["time_zone"],
            phone_region=settled["phone_region"],
            languages=tuple(settled["languages"]),
            allowed_origins=frozenset(settled.get("allowed_origins", ())),
            rate_limit=settled.get("rate_limit"),
        )


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is calling, for which tenant, and what they may do."""

    id: UUID
    tenant: Tenant
    scopes: frozenset[str]
    expires_at: datetime | None = None

    def may(self, scopes: Collection[str]) -> bool:
        return EVERYTHING in self.scopes or self.scopes.issuperset(scopes)


class Doorkeeper(Protocol):
    async def actor(self, authorization: Sequence[str], address: str | None = None) -> Actor:
        """Who sent these `Authorization` headers, from where.

        Raises: Unauthenticated; RateLimited where too many wrong ones came from there.
        """
        ...

    def remembered(self, authorization: Sequence[bytes]) -> tuple[Actor | None, bool]:
        """Who sent these headers, as far as is known without asking; and whether that still
        holds, or is some seconds old: good enough to refuse, and not to admit."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """What the requests of one process share.

    `scopes` are all that an operation asks for.
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


@dataclass(slots=True)
class Context:
    """One unit of work: one actor, one tenant, one transaction."""

    house: House
    actor: Actor
    work: UnitOfWork
    request_id: str
    now: datetime
    if_match: Container[int] | None = None
    events: deque[Event] = field(default_factory=deque)
    cause: UUID | None = None

    @classmethod
    def open(cls, house: House, actor: Actor, request_id: str) -> "Context":
        work = UnitOfWork(house.pool, actor.tenant.id)
        return cls(house, actor, work, request_id, house.clock.now())

    @property
    def tenant(self) -> Tenant:
        return self.actor.tenant

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
            raise PreconditionRequired("Send If-Match with the ETag of the record you have read.")
        if self.if_match is None:
            return
        if version is None or version not in self.if_match:
            raise PreconditionFailed(
                "The record has changed since you read it: read it again and repeat your change.",
                current_version=version,
            )
