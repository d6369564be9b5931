"""Who may be given a ticket, and why another one may not."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Hindrance(StrEnum):
    archived = "archived"
    not_enabled = "not_enabled"
    away = "away"
    offline = "offline"
    full = "full"
    lacks_skills = "lacks_skills"


@dataclass(frozen=True, slots=True)
class Member:
    """An agent of a queue, just now. `enabled` is whether the user can sign in."""

    agent_id: UUID
    live: bool
    enabled: bool
    presence: str
    load: int
    capacity: int
    skills: frozenset[str]


def hindrances(member: Member, skills: Collection[str]) -> list[Hindrance]:
    """All that keeps somebody from being given a ticket; the same that the choice asks in SQL."""
    return list(_hindrances(member, skills))


def _hindrances(member: Member, skills: Collection[str]) -> Iterator[Hindrance]:
    if not member.live:
        yield Hindrance.archived
    if not member.enabled:
        yield Hindrance.not_enabled
    if member.presence != "online":
        yield Hindrance(member.presence)
    if member.load >= member.capacity:
        yield Hindrance.full
    if not member.skills.issuperset(skills):
        yield Hindrance.lacks_skills


def next_of(members: Iterable[Member], skills: Collection[str]) -> UUID | None:
    """Of members in the order of their turns, the first whom nothing hinders."""
    return next((one.agent_id for one in members if not hindrances(one, skills)), None)
