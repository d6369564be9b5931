"""Requests in another place than their caller's: on behalf of a user, or for one business unit."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from crm_api.kit.actor import Actor
from crm_api.kit.clock import Clock
from crm_api.kit.ids import Prefix
from crm_api.kit.scopes import lacking
from crm_api.platform.business_units.resource import BUSINESS_UNIT
from crm_api.platform.role_assignments.holding import acting_as, held
from crm_api.platform.users.resource import USER

from .errors import NotOnBehalf, NotYourUnit
from .registry import KeyRegistry
from .remembering import Remembered

ACT_AS = "users:act_as"


class StandIn:
    """What users hold, and where units stand, is remembered for a second, as keys are."""

    def __init__(self, registry: KeyRegistry, clock: Clock) -> None:
        self.clock = clock
        self._users: Remembered[Any] = Remembered(registry.user)
        self._units: Remembered[frozenset[UUID]] = Remembered(registry.units_below)

    async def for_user(self, actor: Actor, user: str) -> Actor:
        """What both may do, as far as the user reaches. Raises Forbidden, NotOnBehalf."""
        if not actor.may([ACT_AS]):
            raise lacking(ACT_AS)
        id = _read(USER.prefix, user)
        told = await self._users.of(actor.tenant.id, id) if id else None
        found = held(told, actor.tenant.now(self.clock)) if told else None
        if found is None or not found.active:
            raise NotOnBehalf
        return acting_as(actor, found)

    async def in_unit(self, actor: Actor, unit: str) -> Actor:
        """Who sees and changes only what is of the unit, or of units below it.

        Raises NotYourUnit, also where there is no such unit: nobody is told which there are.
        """
        id = _read(BUSINESS_UNIT.prefix, unit)
        below = await self._units.of(actor.tenant.id, id) if id else None
        reached = actor.reach.units.union(*actor.reach.viewers.values())
        if id is None or not below or (actor.reach.viewers and id not in reached):
            raise NotYourUnit
        return replace(actor, reach=replace(actor.reach, home=id, within=below))


def _read(prefix: Prefix, id: str) -> UUID | None:
    return prefix.read(id) if id.startswith(f"{prefix.name}_") else None
