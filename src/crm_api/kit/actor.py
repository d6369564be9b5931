"""Who is calling, and for whom."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from .clock import Clock
from .covering import covers
from .words import say

OPERATOR = UUID(int=0)
"""Who does what a command on the server says, and what was planned and is due."""
REFUSAL = say("The key or token is unknown, expired or revoked, or its tenant is suspended.")
"""What every credential that is not accepted is told, whatever was wrong with it."""


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
    clock_advanced_seconds: int = 0
    rate_limit: int | None = None
    tells_known_to_group: bool = False
    reopen_days: int = 7

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
            clock_advanced_seconds=settled.get("clock_advanced_seconds", 0),
            rate_limit=settled.get("rate_limit"),
            tells_known_to_group=settled.get("tells_known_to_group", False),
            reopen_days=settled.get("reopen_days", 7),
        )

    def now(self, clock: Clock) -> datetime:
        """The time that it is for the tenant; only a sandbox may be ahead."""
        ahead = self.clock_advanced_seconds
        return clock.now() + timedelta(seconds=ahead) if ahead else clock.now()


@dataclass(frozen=True, slots=True)
class Reach:
    """How far rights go: of some nouns somebody sees, or changes, the records of certain viewers.

    `viewers` are units and users, by the scope that reaches theirs; other scopes reach all. `units`
    are those that somebody works in, `home` the one where what he makes belongs. `within` are the
    units that a request is narrowed to, null for none. Where rights are not `by_roles`, a key's or
    a token's own scopes say them all.
    """

    by_roles: bool = False
    viewers: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    units: frozenset[UUID] = frozenset()
    home: UUID | None = None
    within: frozenset[UUID] | None = None

    @property
    def is_limited(self) -> bool:
        """Whether there may be records that somebody else sees."""
        return bool(self.viewers) or self.within is not None


UNLIMITED = Reach()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is calling, for which tenant, what they may do, and whether they see masked data.

    `id` is a key's or a subject's; `user_id` the user who acts through it, or on whose behalf.
    `lasting` are the scopes that he has also without this one token, null for all of them.
    `fixed` are the fields that his roles keep him from changing, `masks` those of them that he
    does not see, by names like `customers.born_on`.
    """

    id: UUID
    tenant: Tenant
    scopes: frozenset[str]
    expires_at: datetime | None = None
    masked: bool = False
    user_id: UUID | None = None
    reach: Reach = UNLIMITED
    lasting: frozenset[str] | None = None
    masks: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()

    def may(self, scopes: Collection[str]) -> bool:
        return self.scopes.issuperset(scopes) or covers(self.scopes, scopes)

    def lacks(self, scopes: Iterable[str]) -> list[str]:
        """Those of some scopes that he would still need."""
        return [scope for scope in scopes if not self.may([scope])]


class Doorkeeper(Protocol):
    async def actor(self, authorization: Sequence[str], address: str | None = None) -> Actor:
        """Who sent these `Authorization` headers, from where.

        Raises: Unauthenticated; RateLimited where too many wrong ones came from there.
        """
        ...

    async def in_place(self, actor: Actor, behalf: str | None, unit: str | None) -> Actor:
        """The caller on behalf of a user, and narrowed to a business unit, by their ids.

        Raises: Forbidden, Invalid.
        """
        ...

    def remembered(self, authorization: Sequence[bytes]) -> tuple[Actor | None, bool]:
        """Who sent these headers, as far as is known without asking; and whether that still
        holds, or is some seconds old: good enough to refuse, and not to admit."""
        ...

    def expect(self, address: str | None) -> None:
        """Raises RateLimited where too many wrong keys or signatures came from an address."""
        ...

    def missed(self, address: str | None) -> None:
        """What came from an address was signed by nobody whom we know."""
        ...

    def forget(self, tenant_id: UUID) -> None:
        """What a tenant has settled is no longer what it was."""
        ...
