"""What follows from what a unit decides about a customer: pure functions."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_api.kit.actor import Actor
from crm_api.kit.errors import NotFound
from crm_api.kit.words import say
from crm_api.platform.users.listed import known

from .errors import SayUnit, WrongExpiry
from .models import GradeSource, Lifecycle
from .resource import UNIT_PROFILE

READ, WRITE = "customers:read", "unit_profiles:write"
UNGRADED: Mapping[str, Any] = {
    "grade": None,
    "grade_scheme_id": None,
    "grade_source": None,
    "grade_expires_at": None,
}


def moved(lifecycle: str, before: str | None, to: Lifecycle) -> dict[str, Any]:
    """Where a profile goes from here. Raises InvalidTransition; a blocked one only goes back."""
    allowed = [Lifecycle(before)] if before else None
    UNIT_PROFILE.check_transition(lifecycle, to, allowed)
    return {"lifecycle": to, "lifecycle_before": lifecycle if to is Lifecycle.blocked else None}


def judged(grade: str, scheme: UUID) -> dict[str, Any]:
    return {
        "grade": grade,
        "grade_scheme_id": scheme,
        "grade_source": GradeSource.manual,
        "grade_expires_at": None,
    }


def check_expiry(grade: str | None, expires: datetime | None, now: datetime) -> None:
    """Raises WrongExpiry."""
    if expires and grade is None:
        raise WrongExpiry("no_grade", say("Send a grade too: there is none that could end."))
    if expires and expires <= now:
        raise WrongExpiry("in_the_past", say("Send a time to come."))


def terms(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The credit limit as columns have it."""
    limit = sent["credit_limit"]
    if limit is None:
        return {"credit_limit": None, "credit_currency": None}
    return {"credit_limit": Decimal(limit["amount"]), "credit_currency": limit["currency"]}


def viewers(profile: Mapping[str, Any]) -> set[UUID]:
    """The unit of a profile, and all who work on it."""
    users = known(profile.get("collaborator_ids", ()))
    return {profile["business_unit_id"], profile.get("owner_id"), *users} - {None}


def at_home(actor: Actor, unit: UUID | None) -> dict[str, Any]:
    """What a profile of a new customer begins with; nothing where its maker sees all customers and
    says no `unit`. Who does not reach the whole unit owns what he makes, or would not see it.

    Raises SayUnit.
    """
    reached, home = actor.reach.viewers.get(READ), actor.reach.home
    if reached is None and unit is None:
        return {}
    if home is None:
        raise SayUnit
    owner = None if reached is None or home in reached else actor.user_id
    return {"business_unit_id": home, "owner_id": owner}


def check_reached(actor: Actor, unit: UUID, owner: UUID | None) -> None:
    """Who may begin a profile: who may change those of the unit, or works there and owns it.

    Raises NotFound.
    """
    reached, within = actor.reach.viewers.get(WRITE), actor.reach.within
    own = owner is not None and owner == actor.user_id and unit in actor.reach.units
    if (reached is not None and unit not in reached and not own) or unit not in (within or {unit}):
        raise NotFound
