"""Who may do what, and what a place for an id is: as `rules.yaml` says."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.hostile.catalogue import Operation, read

from .places import Place

HERE = Path(__file__).parent
RULES: Any = read(HERE / "rules.yaml")
CALLERS: dict[str, dict[str, str]] = RULES["callers"]
NOUNS: dict[str, Any] = RULES["nouns"]
UNLIMITED = set(RULES["unlimited"])
WHOSE = ("own", "other_unit", "other_tenant", "unknown", "archived")
BETWEEN: dict[str, Any] = RULES["between"]
DEEDS = ("open", "sees", "changes")
NOUN_OF = {
    operation: (noun, deed)
    for noun, said in NOUNS.items()
    for deed in DEEDS
    for operation in said.get(deed, ())
}


def holds(caller: str, noun: str, deed: str) -> bool:
    rights = CALLERS[caller]
    held = rights.get(noun, rights.get("all"))
    return deed == "open" or held == "changes" or held == deed


def may(caller: str, operation: Operation) -> bool:
    """Whether the caller's roles let him ask for the operation at all."""
    besides = RULES["besides"].get(operation.id, {})
    return holds(caller, *NOUN_OF[operation.id]) and all(
        holds(caller, noun, deed) for noun, deed in besides.items()
    )


def sees(caller: str, noun: str, whose: str) -> bool:
    """Whether a record of a noun, whose it is, is there for the caller."""
    if whose == "of_us":
        return caller not in RULES["change_their_own"]
    if whose in ("own", "for_us"):
        return True
    by = NOUNS[noun]["seen_by"]
    limited = by in ("viewers", "makers") and caller not in UNLIMITED
    if whose == "archived":
        return not (limited and NOUNS[noun].get("deleted"))
    return whose == "other_unit" and not limited and by != "owners"


KINDS = {
    (operation, name): kind
    for kind, places in RULES["places"].items()
    for operation, names in places.items()
    for name in names
}


def kind_of(place: Place) -> str:
    """Raises KeyError where the rules do not say it."""
    name = place.name
    return str(KINDS.get((place.operation.id, name)) or KINDS["*", name])


def prefix_of(place: Place) -> str:
    """Raises KeyError where neither the contract nor the rules say it."""
    return place.prefix or str(RULES["names"][f"{place.operation.id} {place.name}"])


def noun_of(place: Place) -> str:
    return str(RULES["prefixes"][prefix_of(place)])


def is_between(noun: str) -> bool:
    """Whether its records stand between two units."""
    return bool(NOUNS.get(noun, {}).get("between_units"))


def whose_of(place: Place | None) -> Sequence[str]:
    """Whose records are asked for in a place."""
    if place is None:
        return ("own",)
    sided = kind_of(place) == "record" and is_between(noun_of(place))
    return (*WHOSE, *BETWEEN) if sided else WHOSE
