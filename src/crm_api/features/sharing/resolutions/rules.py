"""Whom somebody is told of whom he does not see, and by what he may ask for access."""

from datetime import datetime, timedelta
from uuid import UUID

from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit import sealing
from crm_api.kit.actor import Actor
from crm_api.kit.throttle import Quota

TOLD = Quota("known_to_group", 60, 60)
HOURS = 24


def is_told(actor: Actor) -> bool:
    """Whether somebody is told that others know whom he does not see."""
    return CUSTOMER.scope in actor.reach.viewers and actor.tenant.tells_known_to_group


def reference(secret: bytes, actor: Actor, customer: UUID, now: datetime) -> str:
    """A customer's name for one user, for a day; nobody reads it but us."""
    until = int((now + timedelta(hours=HOURS)).timestamp())
    return sealing.seal(secret, f"{customer.hex}{until}", _place(actor))


def meant(secret: bytes, actor: Actor, reference: str, now: datetime) -> UUID | None:
    """The customer, while the reference holds."""
    text = sealing.unseal(secret, reference, _place(actor))
    if text is None or int(text[32:]) <= now.timestamp():
        return None
    return UUID(hex=text[:32])


def _place(actor: Actor) -> str:
    return f"customer for {actor.tenant.id} {actor.user_id}"
