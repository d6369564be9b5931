"""What quotas are, and what a process holds of one."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from crm_api.kit.throttle import Quota, Standing
from crm_api.kit.words import Words, say

KEY, TENANT = "key", "tenant"
NAMED = {KEY: say("key"), TENANT: say("tenant")}
FRESH = 5.0


@dataclass(frozen=True, slots=True)
class Grant:
    """Of window number `span`, which ends in `seconds`; `taken` is what all processes hold."""

    span: int
    granted: int
    taken: int
    seconds: float


@dataclass(slots=True)
class Lease:
    """What this process may still serve of a quota, without asking."""

    tenant_id: UUID
    subject_id: UUID
    quota: Quota
    left: int = 0
    granted: int = 0
    spare: int = 0
    span: int = 0
    ends: float = 0.0
    stale: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def ready(self, now: float) -> bool:
        return self.left > 0 and now < self.stale

    def is_dry(self, now: float) -> bool:
        """Nothing was given, a moment ago."""
        return self.left <= 0 and self.granted == 0 and now < self.stale

    def must_ask(self, now: float) -> bool:
        """It is used up, or old. Who was given nothing asks again only when that is old."""
        return now >= self.stale or (self.left <= 0 and self.granted > 0)

    @property
    def wanted(self) -> int:
        """Twice what was used since the last time."""
        return max(self.quota.first, 2 * (self.granted - self.left))

    def renew(self, grant: Grant, asked_at: float) -> None:
        """Times count from before the question, so that nothing is served after the window."""
        self.span, self.left, self.granted = grant.span, grant.granted, grant.granted
        self.spare = max(0, self.quota.promised - grant.taken)
        self.ends = asked_at + grant.seconds
        self.stale = min(self.ends, asked_at + min(FRESH, self.quota.window / 12))

    def told(self, now: float) -> tuple[int, int]:
        """Requests that remain, and seconds to the next window; a second counts when it begins,
        so that who waits for them waits long enough."""
        return self.spare + self.left, max(0, int(self.ends - now)) + 1

    def standing(self, now: float) -> Standing:
        remaining, reset = self.told(now)
        return Standing(self.quota.policy, self.quota.most, self.quota.window, remaining, reset)


def refusal(of: Quota) -> Words:
    """What somebody is told who has used a quota up."""
    most, window = of.most, of.window
    if who := NAMED.get(of.policy):
        return say(
            "This {who} may send {quota} requests in {window} seconds, and has sent them.",
            who=who,
            quota=most,
            window=window,
        )
    return say("You may ask this {quota} times in {window} seconds.", quota=most, window=window)
