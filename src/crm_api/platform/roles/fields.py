"""Which fields roles keep from their holders, as pure functions.

A rule is `{"resource": "customers", "field": "born_on", "access": "mask"}`; its field has the name
`customers.born_on`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_api.kit.actor import Actor
from crm_api.kit.columns import personal
from crm_api.kit.errors import FieldError
from crm_api.kit.ruled import NO_MASKS, Masks, names, reads
from crm_api.kit.words import Words, say

from .models import Access

Role = Mapping[str, Any]
"""`permissions, masked, fields`."""
WRITE, READ, MASK = range(3)
LEVELS = {Access.read.value: READ, Access.mask.value: MASK}


@dataclass(frozen=True, slots=True)
class Kept:
    """Names of fields: those that are not changed, and those among them that are not seen."""

    fixed: Masks = NO_MASKS
    masks: Masks = NO_MASKS


FREE = Kept()


def kept(roles: Sequence[Role]) -> Kept:
    """By all roles together: of those that give anything of a collection the mildest counts."""
    ruled = {name for role in roles for name in _rules(role)}
    if not ruled:
        return FREE
    levels = {name: _mildest(roles, name) for name in ruled}
    fixed = frozenset(name for name, level in levels.items() if level > WRITE)
    return Kept(fixed, frozenset(name for name in fixed if levels[name] == MASK))


def more_than(actor: Actor, role: Role) -> list[str]:
    """The fields that a role leaves to its holders, and his own roles do not leave to the actor."""
    own = dict.fromkeys(actor.fixed, READ) | dict.fromkeys(actor.masks, MASK)
    given = ((name, level) for name, level in own.items() if _touches(role, name))
    return sorted(name for name, level in given if _level(role, name) < level)


def mistakes(rules: Sequence[Mapping[str, str]]) -> Iterator[FieldError]:
    """Rules of what there is not, and of what another one speaks of."""
    known, before = choices(), set[str]()
    for number, rule in enumerate(rules):
        resource, name = rule["resource"], _name(rule)
        if resource not in known:
            yield _wrong(number, "resource", "unknown_resource", _one_of(known))
        elif rule["field"] not in known[resource]:
            yield _wrong(number, "field", "field_not_ruled", _one_of(known[resource]))
        elif name in before:
            yield _wrong(number, "field", "field_repeated", say("Send each field once."))
        before.add(name)


def choices() -> Mapping[str, set[str]]:
    """All fields that roles may rule, by their collection."""
    found: dict[str, set[str]] = {}
    for read in reads():
        found.setdefault(read.table.__tablename__, set()).update(read.ruled.values())
    return found


def told(actor: Actor) -> list[dict[str, str]]:
    """What an actor's roles keep from him, as rules."""
    return [
        dict(zip(("resource", "field"), name.split("."), strict=True))
        | {"access": (Access.mask if name in actor.masks else Access.read).value}
        for name in sorted(actor.fixed)
    ]


def _mildest(roles: Sequence[Role], name: str) -> int:
    return min((_level(r, name) for r in roles if _touches(r, name)), default=WRITE)


def _level(role: Role, name: str) -> int:
    """A masked role hides what is personal, whatever its rules say."""
    least = MASK if role["masked"] and name in _personal() else WRITE
    return max(least, _rules(role).get(name, WRITE))


def _personal() -> set[str]:
    return {names(read)[field] for read in reads() for field in personal(read) & {*names(read)}}


def _touches(role: Role, name: str) -> bool:
    """Whether a role gives anything of the field's collection."""
    of = (name.partition(".")[0], "*")
    return any(p["scope"].partition(":")[0] in of for p in role["permissions"])


def _rules(role: Role) -> Mapping[str, int]:
    return {_name(rule): LEVELS[rule["access"]] for rule in role["fields"]}


def _name(rule: Mapping[str, str]) -> str:
    return f"{rule['resource']}.{rule['field']}"


def _one_of(known: Iterable[str]) -> Words:
    return say("Send one of {choices}.", choices=", ".join(sorted(known)))


def _wrong(number: int, member: str, code: str, message: Words) -> FieldError:
    return {"pointer": f"/fields/{number}/{member}", "code": code, "message": message}
