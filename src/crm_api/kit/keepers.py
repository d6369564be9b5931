"""Who keeps the records of a noun, for those who change records of whatever noun."""

from typing import Any

from .below import below
from .events import Event, kinds
from .repository import Repository
from .resource import Resource

Keeper = type[Repository[Any, Any]]


def keeper(noun: Resource) -> Keeper:
    """The repository that says it is of this noun."""
    return next(kind for kind in below(Repository) if vars(kind).get("noun") is noun)


def updated(noun: Resource) -> type[Event]:
    """What tells that a record of the noun was changed: `team.updated`."""
    return next(kind for kind in kinds() if kind.type == f"{noun.word}.updated")
