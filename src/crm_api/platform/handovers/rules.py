"""Who gets what, and how a record looks then: pure functions."""

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.platform.users.belongings import Belongings, Shared, Sole, belongings
from crm_api.platform.users.resource import USER

from .errors import TheirOwnSuccessor
from .schemas import HandoverOfRole, HandoverRule, HandoverShare

Role = Sole | Shared
Share = Counter[str]
"""What becomes of the records of a role: how many go to whom, by the ids of users, and how many
are `removed`, `left` or `read_only`."""
STAYS = ("left", "read_only")


def every() -> Iterator[tuple[str, Belongings, Role]]:
    """All roles of all nouns, by name: `team.lead`."""
    for word, of in sorted(belongings.items()):
        yield from ((f"{word}.{role.role}", of, role) for role in of.roles)


def check_others(user: UUID, rules: Sequence[HandoverRule]) -> None:
    """Raises TheirOwnSuccessor."""
    wrong = [place for place, to in recipients(rules).items() if to == user]
    if wrong:
        raise TheirOwnSuccessor(wrong)


def recipients(rules: Sequence[HandoverRule]) -> dict[str, UUID]:
    """By where they stand in the body."""
    return {f"/rules/{n}/to_user_id": rule.to_user_id for n, rule in enumerate(rules)}


def units(rules: Sequence[HandoverRule]) -> dict[str, UUID]:
    named = ((n, rule.business_unit_id) for n, rule in enumerate(rules))
    return {f"/rules/{n}/business_unit_id": unit for n, unit in named if unit}


def successor(
    rules: Sequence[HandoverRule], above: Container[UUID], record: UUID | None
) -> UUID | None:
    """Whom the first rule that fits gives a record to that stands in or below these units; a user
    is never given to themselves. Null where none fits."""
    fitting = (r for r in rules if r.business_unit_id is None or r.business_unit_id in above)
    return next((rule.to_user_id for rule in fitting if rule.to_user_id != record), None)


def has(role: Role, row: Any, user: UUID) -> bool:
    value = getattr(row, role.column.key)
    return value == user if isinstance(role, Sole) else USER.prefix.write(user) in value


def passed(roles: Sequence[Role], row: Any, user: UUID, to: UUID) -> dict[str, Any]:
    """The values of a record whose roles of a user another one has."""
    values: dict[str, Any] = {}
    for role in roles:
        one = isinstance(role, Sole)
        values[role.column.key] = to if one else _listed(role, {**vars(row), **values}, user, to)
    return values


def _listed(role: Any, record: Mapping[str, Any], user: UUID, to: UUID) -> list[str]:
    """The recipient in the place of the user, unless there already."""
    beside = role.beside is not None and record[role.beside.key] == to
    place = [USER.prefix.write(to)] if role.passes and not beside else []
    gone = USER.prefix.write(user)
    kept = ([id] if id != gone else place for id in record[role.column.key])
    return list(dict.fromkeys(id for ids in kept for id in ids))


def fate(role: Role, to: UUID | None, *, live: bool) -> str:
    """What becomes of a record, as it is counted."""
    if not live:
        return "read_only"
    if to is None:
        return "left"
    ends = isinstance(role, Shared) and not role.passes
    return "removed" if ends else USER.prefix.write(to)


def told(name: str, share: Mapping[str, int]) -> HandoverOfRole:
    noun, _, role = name.partition(".")
    others = {word: share.get(word, 0) for word in ("removed", *STAYS)}
    to = [
        HandoverShare(user_id=USER.prefix.read(id), records=number)
        for id, number in sorted(share.items())
        if id not in others
    ]
    return HandoverOfRole(noun=noun, role=role, to=to, **others)
