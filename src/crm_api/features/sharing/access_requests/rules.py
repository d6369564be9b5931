"""Who asks for which unit, and who decides: pure functions."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from crm_api.kit.actor import Actor

from .errors import OthersAsked, OwnRequest, TooLate
from .models import AccessRequestState

OPEN_FOR = timedelta(days=30)
WRITE = "access_requests:write"
TERMS = ("level", "until", "reason", "basis", "recipient", "purpose")


class Asked(Protocol):
    """A request as it is before a change."""

    customer_id: Any
    business_unit_id: Any
    requester_id: Any
    state: Any
    expires_at: Any


def check_decider(actor: Actor, request: Asked, now: datetime) -> None:
    """Raises OwnRequest, TooLate."""
    if actor.user_id is not None and actor.user_id == request.requester_id:
        raise OwnRequest
    if request.state == AccessRequestState.pending and request.expires_at <= now:
        raise TooLate


def check_asker(actor: Actor, request: Asked) -> None:
    """Who asked, and who reaches the unit that asks. Raises OthersAsked."""
    reached = actor.reach.viewers.get(WRITE)
    asking = {request.business_unit_id, request.requester_id}
    if reached is not None and asking.isdisjoint(reached):
        raise OthersAsked


def given(request: Asked, sent: Mapping[str, Any]) -> dict[str, Any]:
    """What is given: as it was asked for, where whoever decides says nothing else."""
    return {
        "customer_id": request.customer_id,
        "business_unit_id": request.business_unit_id,
        "user_id": request.requester_id,
        **{name: getattr(request, name) for name in TERMS},
        **sent,
    }


def expires(now: datetime) -> datetime:
    return now + OPEN_FOR
