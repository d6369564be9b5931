"""Which types of events somebody sees: those of the nouns whose records he may read."""

from collections.abc import Iterable

from crm_api.kit.actor import Actor
from crm_api.kit.events import kinds
from crm_api.kit.resource import declared

EVERY = ".*"


def visible_types(actor: Actor, patterns: Iterable[str] = ()) -> list[str] | None:
    """Those that fit a pattern, where there are some; null is all there are, and will be."""
    asked = list(patterns)
    nouns = {word for word, noun in declared.items() if actor.may([noun.scope])}
    if not asked and nouns == declared.keys():
        return None
    known = (kind.type for kind in kinds())
    return [type for type in known if _noun(type) in nouns and fits(type, asked)]


def fits(type: str, patterns: Iterable[str]) -> bool:
    """Whether a type is one of these, or of a noun of which all are meant: `customer.*`."""
    asked = set(patterns)
    return not asked or bool({type, _noun(type) + EVERY} & asked)


def _noun(type: str) -> str:
    return type.partition(".")[0]
