"""What ratings are told in, and which of them are bad: pure functions."""

from dataclasses import dataclass
from uuid import UUID

from .models import Consequence, RatingKind

SCALES = {RatingKind.csat: (1, 5), RatingKind.nps: (0, 10)}
"""The lowest and the highest score."""
BAD = {RatingKind.csat: 2, RatingKind.nps: 6}
"""From here on down customers are detractors."""
GOOD = {RatingKind.csat: 4, RatingKind.nps: 9}
"""From here on up they are satisfied, or promoters."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A rating policy, as far as others follow it."""

    id: UUID
    enabled: bool
    kind: RatingKind
    delay_hours: int
    expires_after_days: int
    fatigue_days: int
    detractors: Consequence


def is_score(kind: RatingKind, score: int) -> bool:
    lowest, highest = SCALES[kind]
    return lowest <= score <= highest


def is_detractor(kind: RatingKind, score: int) -> bool:
    return score <= BAD[kind]
