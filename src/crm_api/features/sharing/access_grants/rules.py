"""On what terms a customer is shared: pure functions."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.kit.words import say

from .errors import NeedsBasis, WrongTerms, WrongUntil
from .models import AccessLevel

PERSON = "person"
NAMED = ("basis", "recipient", "purpose")
"""What must be known before a person's data goes to another legal entity."""


def check_until(until: datetime | None, now: datetime) -> None:
    """Raises WrongUntil."""
    if until is not None and until <= now:
        raise WrongUntil


def check_basis(kind: str, entities: Collection[str | None], terms: Mapping[str, Any]) -> None:
    """`entities` are those of the units that share and of the one that receives.

    Raises NeedsBasis.
    """
    missing = [name for name in NAMED if terms.get(name) is None]
    if kind == PERSON and len(set(entities)) > 1 and missing:
        raise NeedsBasis(*missing)


def check_level(asked: str, given: str) -> None:
    """Nobody is given more than he has asked for. Raises WrongTerms."""
    if (asked, given) == (AccessLevel.read, AccessLevel.write):
        message = say("Only read was asked for: it can be lowered, and not raised.")
        raise WrongTerms({"pointer": "/level", "code": "level_raised", "message": message})


def viewers(grant: Mapping[str, Any]) -> set[UUID]:
    """The unit of a grant, and who asked for it: with roles that reach his own only he would not
    see what the unit sees."""
    return {grant["business_unit_id"], grant.get("user_id")} - {None}
