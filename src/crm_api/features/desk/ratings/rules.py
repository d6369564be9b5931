"""When customers are asked, and what follows from what they say: pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm_api.features.desk.rating_policies.schemas import (
    SCALES,
    Consequence,
    Policy,
    RatingKind,
    is_detractor,
    is_score,
)
from crm_api.features.desk.terms.schemas import CloseReason, TicketCategory

from .errors import AnsweredAlready, NotAsked, NotResolved, OffTheScale, RatingExpiredAlready
from .models import Answer, RatingState, Unasked

Fields = Mapping[str, Any]
UNASKED = {RatingState.queued, RatingState.suppressed}


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer says, by which way, and who wrote it down for him."""

    score: int
    comment: str | None
    by: Answer
    user: UUID | None = None


def is_resolved(ticket: Fields) -> bool:
    """Whether what the customer wanted is done, as somebody has said."""
    if ticket["category"] == TicketCategory.closed:
        return bool(ticket["close_reason"] == CloseReason.resolved)
    return bool(ticket["category"] == TicketCategory.resolved)


def about(ticket: Fields, policy: Policy | None, kind: RatingKind) -> dict[str, Any]:
    """The columns of a rating that stay as they are."""
    return {
        "ticket_id": ticket["id"],
        "resolution": ticket["reopened_count"] + 1,
        "customer_id": ticket["requester_id"],
        **{name: ticket[name] for name in ("business_unit_id", "assignee_id", "type")},
        "policy_id": policy.id if policy else None,
        "kind": kind,
    }


def queued(ticket: Fields, policy: Policy, now: datetime) -> dict[str, Any]:
    asks_at = now + timedelta(hours=policy.delay_hours)
    return {**about(ticket, policy, policy.kind), "state": RatingState.queued, "asks_at": asks_at}


def unasked(rating: Fields, ticket: Fields, policy: Policy | None) -> Unasked | None:
    """Why a customer is not asked, apart from how often he was."""
    if policy is None or not policy.enabled:
        return Unasked.disabled
    same = ticket["reopened_count"] + 1 == rating["resolution"]
    return None if same and is_resolved(ticket) else Unasked.not_resolved


def sent(policy: Policy, now: datetime) -> dict[str, Any]:
    expires_at = now + timedelta(days=policy.expires_after_days)
    return {"state": RatingState.sent, "asked_at": now, "expires_at": expires_at}


def check_open(rating: Fields, now: datetime) -> None:
    """That a customer may answer by a link. Raises AnsweredAlready, RatingExpiredAlready,
    NotAsked."""
    if rating["state"] == RatingState.answered:
        raise AnsweredAlready
    if rating["state"] in UNASKED:
        raise NotAsked
    if rating["state"] == RatingState.expired or rating["expires_at"] <= now:
        raise RatingExpiredAlready


def check_rated(ticket: Fields, rating: Fields | None) -> None:
    """That somebody may write down what a customer says. Raises NotResolved, AnsweredAlready."""
    if not is_resolved(ticket):
        raise NotResolved
    if rating is not None and rating["state"] == RatingState.answered:
        raise AnsweredAlready


def answered(rating: Fields, said: Said, now: datetime, after: Consequence) -> dict[str, Any]:
    """The columns of a rating that is answered. Raises OffTheScale."""
    if not is_score(rating["kind"], said.score):
        raise OffTheScale(*SCALES[rating["kind"]])
    return {
        "state": RatingState.answered,
        "reason": None,
        "asked_at": rating.get("asked_at") or now,
        "answered_at": now,
        "answered_by": said.by,
        "user_id": said.user,
        "score": said.score,
        "comment": said.comment,
        "is_flagged": after != Consequence.nothing,
    }


def consequence(rating: Fields, said: Said, policy: Policy | None) -> Consequence:
    bad = is_detractor(rating["kind"], said.score)
    return policy.detractors if policy and bad else Consequence.nothing
