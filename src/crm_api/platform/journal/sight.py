"""Which types of events somebody sees: those of the nouns whose records he may read."""

from collections.abc import Collection

from crm_api.kit.actor import Actor
from crm_api.kit.events import kinds, word_of
from crm_api.kit.looking import sees_events
from crm_api.kit.resource import declared

from .errors import NoSuchType

EVERY = "*"


def visible_types(actor: Actor, patterns: Collection[str] = ()) -> list[str] | None:
    """Those that fit a pattern, where there are some; null is all there are, and will be."""
    nouns = {word for word in declared if sees_events(actor, word)}
    if (not patterns or EVERY in patterns) and nouns == declared.keys():
        return None
    known = (kind.type for kind in kinds())
    return [type for type in known if word_of(type) in nouns and fits(type, patterns)]


def check_types(patterns: Collection[str]) -> None:
    """Nobody waits for what never comes. Raises NoSuchType."""
    for pattern in patterns:
        if not any(fits(kind.type, [pattern]) for kind in kinds()):
            raise NoSuchType


def fits(type: str, patterns: Collection[str]) -> bool:
    """Whether a type is one of these, or of a noun of which all are meant: `customer.*`; `*` and
    none at all are for everything."""
    return not patterns or not {EVERY, type, f"{word_of(type)}.*"}.isdisjoint(patterns)
