"""Who is in a queue: ids of agents, as the contract has them, each once."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from crm_api.features.desk.agents.resource import AGENT

from .errors import TooManyMembers

MOST_MEMBERS = 500


def told(agents: Iterable[UUID]) -> list[str]:
    return list(dict.fromkeys(AGENT.prefix.write(agent) for agent in agents))


def known(ids: Iterable[str]) -> set[UUID]:
    return {AGENT.prefix.read(id) for id in ids}


def joined(ids: Sequence[str], added: Iterable[UUID]) -> list[str]:
    """Raises TooManyMembers."""
    members = list(dict.fromkeys([*ids, *told(added)]))
    if len(members) > MOST_MEMBERS:
        raise TooManyMembers(MOST_MEMBERS)
    return members


def without(ids: Sequence[str], gone: Iterable[UUID]) -> list[str]:
    left = set(told(gone))
    return [id for id in ids if id not in left]


def newly(ids: Iterable[str], sent: Iterable[UUID], pointer: str) -> dict[str, UUID]:
    """Those who were not in it before, by where they stand in the body."""
    before = known(ids)
    return {f"{pointer}/{n}": id for n, id in enumerate(sent) if id not in before}
