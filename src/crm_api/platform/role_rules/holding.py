"""Who comes with a token, with the roles that it gives beside those that are assigned."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from crm_api.kit.actor import Actor
from crm_api.platform.identity_providers.claims import fits
from crm_api.platform.role_assignments.holding import Told, by_roles, held

Claims = Mapping[str, Any]


def by_token(caller: Actor, told: Told, claims: Claims, now: datetime) -> Actor | None:
    """The caller as the user whom its subject is linked to; null where that one is shut out.
    A rule that fits counts as a role that is held; what it gives does not outlast the token."""
    fitting = [rule for rule in told["rules"] if fits(claims, rule["claim"], rule["value"])]
    if not fitting:
        return by_roles(caller, told["held"], now)
    actor = by_roles(caller, _together(told, fitting), now)
    return actor and replace(actor, lasting=held(told["held"], now).scopes)


def _together(told: Told, fitting: Iterable[Told]) -> Told:
    assigned = told["held"]
    roles = [*assigned["roles"], *(rule for rule in fitting if rule["live"])]
    below = {**(assigned["below"] or {}), **(told["below"] or {})}
    return {**assigned, "ever": True, "roles": roles, "below": below}
