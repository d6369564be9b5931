"""What an endpoint is told of, what it may see, and how it is doing, as pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .models import DisabledReason, EndpointState

MOST_ENDPOINTS = 50
DEGRADED_AFTER, TIMEOUTS_COUNT = 5, 3
GIVEN_UP_AFTER = timedelta(days=5)
PAUSES = (30.0, 60.0, 120.0, 300.0)
"""Seconds between the probes of a degraded endpoint."""
RESERVED = {
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
}
RESERVED_BEGINNINGS = ("webhook-", "proxy-", "sec-")


def is_reserved(header: str) -> bool:
    name = header.lower()
    return name in RESERVED or name.startswith(RESERVED_BEGINNINGS)


@dataclass(frozen=True, slots=True)
class Attempts:
    """What became of some attempts at one endpoint: whether one of them succeeded, how many have
    failed since, of these in how many no answer came in time, and what the last one asked for.
    """

    succeeded: bool
    failed: int
    timeouts: int = 0
    gone: bool = False
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Health:
    state: EndpointState
    reason: DisabledReason | None
    failures: int
    failing_since: datetime | None
    not_before: datetime | None

    def values(self) -> Mapping[str, object]:
        """But for the state, which is changed with an event."""
        return {
            "failures": self.failures,
            "failing_since": self.failing_since,
            "not_before": self.not_before,
        }


def health(before: Health, new: Attempts, now: datetime) -> Health:
    """A time-out weighs as much as some other failures: each one takes a place for seconds."""
    weight = new.failed + new.timeouts * (TIMEOUTS_COUNT - 1)
    failures = weight + (0 if new.succeeded else before.failures)
    if failures == 0:
        return Health(_recovered(before.state), before.reason, 0, None, new.not_before)
    since = (None if new.succeeded else before.failing_since) or now
    reason = _given_up(new, since, now)
    if before.state == EndpointState.disabled or reason:
        state, why = EndpointState.disabled, before.reason or reason
        return Health(state, why, failures, since, None)
    broken = failures >= DEGRADED_AFTER or (before.state == "degraded" and not new.succeeded)
    state = EndpointState.degraded if broken else EndpointState.active
    pause = now + timedelta(seconds=_pause(failures)) if broken else None
    return Health(state, None, failures, since, _later(new.not_before, pause))


def _recovered(state: EndpointState) -> EndpointState:
    return EndpointState.active if state == EndpointState.degraded else state


def _given_up(new: Attempts, since: datetime, now: datetime) -> DisabledReason | None:
    if new.gone:
        return DisabledReason.gone
    return DisabledReason.failing if now - since >= GIVEN_UP_AFTER else None


def _pause(failures: int) -> float:
    return PAUSES[min(failures - DEGRADED_AFTER, len(PAUSES) - 1)] if failures else 0.0


def _later(*times: datetime | None) -> datetime | None:
    return max((time for time in times if time is not None), default=None)
