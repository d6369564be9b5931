"""When a delivery is tried again, and what its outcome makes of it, as pure functions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import uniform
from typing import Any, NotRequired, TypedDict

from crm_api.platform.webhook_endpoints.rules import Attempts
from crm_api.platform.webhook_endpoints.sending import BLOCKED, Outcome

from .models import DeliveryState

SCHEDULE = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds before each attempt, after the one before: three days and a little."""
JITTER = 0.2
LONGEST_WISH = 86_400
GONE, THROTTLED = 410, (429, 502, 503, 504)
INTERNAL, TIMEOUT = "internal", "timeout"
DIGITS = 9


class Seen(TypedDict):
    """With what a body was rendered: what is hidden in its record, and whether that was erased."""

    masked: bool
    hidden: Sequence[str]
    erased: bool
    masks: NotRequired[Sequence[str]]


def shows_less(now: Seen, then: Seen) -> bool:
    """Whether something that was shown may not be shown any more."""
    more = set(now["hidden"]) - set(then["hidden"])
    more |= set(now.get("masks", ())) - set(then.get("masks", ()))
    return bool(more) or now["masked"] > then["masked"] or now["erased"] > then["erased"]


@dataclass(frozen=True, slots=True)
class Ending:
    """What becomes of a delivery; `next_at` where it is to be tried once more. Only what was
    `tried` counts in its schedule and is told as an attempt."""

    state: DeliveryState
    next_at: datetime | None = None
    outcome: Outcome | None = None


def ending(outcome: Outcome, tries: int, now: datetime, jitter: Callable[[], float]) -> Ending:
    """After an attempt that was the `tries`th of the schedule."""
    if outcome.succeeded:
        return Ending(DeliveryState.delivered, None, outcome)
    if outcome.trouble == BLOCKED:
        return Ending(DeliveryState.blocked, None, outcome)
    if tries >= len(SCHEDULE):
        return Ending(DeliveryState.dead, None, outcome)
    planned = timedelta(seconds=SCHEDULE[tries] * jitter())
    wish = wished(outcome, now) or now
    return Ending(DeliveryState.retrying, max(now + planned, wish), outcome)


def jitter() -> float:
    return uniform(1 - JITTER, 1 + JITTER)


def wished(outcome: Outcome, now: datetime) -> datetime | None:
    """Before when the endpoint asks not to be sent anything, a day from now at the latest."""
    if outcome.status not in THROTTLED or not outcome.retry_after:
        return None
    seconds = _seconds(outcome.retry_after, now)
    if seconds is None or seconds <= 0:
        return None
    return now + timedelta(seconds=min(seconds, LONGEST_WISH))


def _seconds(text: str, now: datetime) -> float | None:
    """RFC 9110, 10.2.3: seconds, or a date, which is one of the real time."""
    if text.isascii() and text.isdigit():
        return float(text[:DIGITS])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()


def counted(outcomes: Sequence[Outcome], now: datetime) -> Attempts:
    """What some attempts say about their endpoint, the last one last."""
    last = max((n for n, one in enumerate(outcomes, 1) if one.succeeded), default=0)
    failed = outcomes[last:]
    wishes = [wish for one in outcomes if (wish := wished(one, now))]
    return Attempts(
        succeeded=last > 0,
        failed=len(failed),
        timeouts=sum(one.trouble == TIMEOUT for one in failed),
        gone=any(one.status == GONE for one in failed),
        not_before=max(wishes, default=None),
    )


def thin(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event without what it says of its record."""
    return {name: value for name, value in event.items() if name not in ("data", "changes")}
