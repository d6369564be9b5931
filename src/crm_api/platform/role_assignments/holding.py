"""What a user may do by now, from the roles that he holds: for those who let him in.

Who learns who is calling asks for it in the same question, as `registry.HELD`; `held` reads what
is told then.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.kit.actor import UNLIMITED, Actor, Reach
from crm_api.kit.covering import EVERYTHING, common
from crm_api.platform.roles.fields import FREE, Kept, kept
from crm_api.platform.roles.models import Reach as Far
from crm_api.platform.users.models import UserState

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """`ever` tells whether the user has ever held a role."""

    user_id: UUID
    active: bool
    ever: bool
    scopes: frozenset[str] = frozenset()
    reach: Reach = UNLIMITED
    masked: bool = False
    kept: Kept = FREE


def held(told: Told, now: datetime) -> Held:
    user, current = UUID(told["user_id"]), [r for r in told["roles"] if _counts(r, now)]
    scopes = frozenset(p["scope"] for role in current for p in role["permissions"])
    units = frozenset(UUID(role["unit"]) for role in current if role["unit"])
    reach = Reach(True, _viewers(told, current), units, _home(told, units))
    masked = bool(current) and all(role["masked"] for role in current)
    active = told["state"] == UserState.active
    return Held(user, active, told["ever"], scopes, reach, masked, kept(current))


def one_by_one(told: Told, now: datetime) -> Iterator[tuple[Told, Held]]:
    """What each role gives by itself that the user holds now."""
    for role in told["roles"]:
        if _counts(role, now):
            yield role, held({**told, "roles": [role]}, now)


def acting_as(actor: Actor, user: Held) -> Actor:
    """The same caller as a user: what both may do, as far as the user reaches."""
    return replace(
        actor,
        scopes=common(actor.scopes, user.scopes),
        masked=actor.masked or user.masked,
        user_id=user.user_id,
        reach=user.reach,
        masks=actor.masks | user.kept.masks,
        fixed=actor.fixed | user.kept.fixed,
    )


def by_roles(caller: Actor, told: Told, now: datetime) -> Actor | None:
    """Who comes with a token, as the user whom its subject is linked to; null where that one is
    shut out. From the first role on it is roles that say what a user may do, and no token."""
    user = held(told, now)
    if not user.active:
        return None
    if not user.ever:
        return replace(caller, user_id=user.user_id)
    return acting_as(replace(caller, scopes=frozenset({EVERYTHING})), user)


def _counts(role: Told, now: datetime) -> bool:
    at = now.timestamp()
    return bool(role["starts"] <= at) and (role["ends"] is None or bool(at < role["ends"]))


def _home(told: Told, units: frozenset[UUID]) -> UUID | None:
    """Where it is clear in which unit the user works."""
    home = told["home"] and UUID(told["home"])
    return home if home in units else next(iter(units)) if len(units) == 1 else None


def _viewers(told: Told, roles: Iterable[Told]) -> Mapping[str, frozenset[UUID]]:
    """By the scopes that do not reach all: what one role gives, none takes back."""
    found: dict[str, frozenset[UUID] | None] = {}
    for role in roles:
        for permission in role["permissions"]:
            scope, reached = permission["scope"], _reached(told, permission["reach"], role["unit"])
            known = found.get(scope, frozenset())
            found[scope] = None if known is None or reached is None else known | reached
    every = {scope.removeprefix("*") for scope in found if scope.startswith("*")}
    limited = ((scope, viewers) for scope, viewers in found.items() if viewers is not None)
    return {s: viewers for s, viewers in limited if not any(s.endswith(end) for end in every)}


def _reached(told: Told, reach: str | None, unit: str | None) -> frozenset[UUID] | None:
    """Units and users; null for all."""
    if reach is None or reach == Far.group:
        return None
    return frozenset(UUID(id) for id in _ids(told, reach, unit))


def _ids(told: Told, reach: str, unit: str | None) -> Iterator[str]:
    yield told["user_id"]
    if reach == Far.team:
        yield from told["fellows"]
    elif reach == Far.unit and unit:
        yield unit
    elif reach == Far.subtree and unit:
        yield from (told["below"] or {}).get(unit, [unit])
