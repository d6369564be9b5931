"""What must become of a request, by the rules and by nothing that was recorded."""

from collections.abc import Sequence
from typing import Any

from tests.hostile.catalogue import Operation
from tests.hostile.catalogue import read as read_hostile

from .places import PLACES, Place
from .rules import BETWEEN, NOUN_OF, NOUNS, RULES, UNLIMITED, holds, kind_of, may, noun_of, sees

Outcome = tuple[int, str | None]
Hidden = Sequence[str]
FINE: Outcome = (200, None)
"""Any success."""
FORBIDDEN, MISSING, INVALID = (403, "forbidden"), (404, "not-found"), (422, "validation-failed")
UNKNOWN, TAKEN = (422, "unknown-reference"), (409, "duplicate-value")
CONFLICT = (409, "conflict")
SOME_FAILED: Outcome = (207, None)
ARCHIVED = read_hostile("isolation.yaml")["archived"]


def expected(caller: str, operation: Operation, place: Place | None, whose: str) -> Outcome:
    """What becomes of a request with the id in a place that is whose the matrix says; all other
    ids in it are of the caller's own records."""
    if place is None:
        return _on_record(caller, operation, whose) if may(caller, operation) else FORBIDDEN
    kind = kind_of(place)
    if kind in IN_PLACE:
        return IN_PLACE[kind](caller, operation, whose)
    if not may(caller, operation):
        return FORBIDDEN
    return BY_KIND[kind](caller, place, whose)


def _on_record(caller: str, operation: Operation, whose: str, hidden: Hidden = ()) -> Outcome:
    """Of the record in the path, and all in it; `hidden` is what he sees nothing of just now."""
    place, (noun, deed) = _target(operation), NOUN_OF[operation.id]
    if operation.id in RULES["whole"] and _is_veiled(caller, noun):
        return FORBIDDEN
    if place is None:
        return _begun(caller, operation, hidden)
    if NOUNS[noun_of(place)]["seen_by"] in hidden:
        return _elsewhere(place, whose)
    if not sees(caller, noun_of(place), whose):
        return _not_there(place, whose)
    only_seen = caller in RULES["change_their_own"] and deed == "changes"
    only_seen = only_seen and not (whose == "archived" and noun != noun_of(place))
    if only_seen or _is_others_to_do(caller, operation, whose):
        return FORBIDDEN
    return _done(operation.id, whose)


def _done(operation: str, whose: str) -> Outcome:
    """By who may do it."""
    if whose == "other_unit" and operation in RULES["parts_of_its_own"]:
        return UNKNOWN
    return _outcome((_archived if whose == "archived" else RULES["live"].get)(operation))


def _elsewhere(place: Place, whose: str) -> Outcome:
    said = RULES["elsewhere"].get(place.operation.id)
    return _outcome(said) if said else _not_there(place, whose)


def _is_others_to_do(caller: str, operation: Operation, whose: str) -> bool:
    """Of what he may do, on a record that he may change."""
    fixed = whose != "archived" and _is_fixed(caller, operation)
    return fixed or (caller not in UNLIMITED and operation.id in BETWEEN.get(whose, ()))


def _is_fixed(caller: str, operation: Operation) -> bool:
    return caller in RULES["fixed"].get(operation.id, ())


def _is_veiled(caller: str, noun: str) -> bool:
    return caller in RULES["masked"] or noun in RULES["veiled"].get(caller, ())


def _begun(caller: str, operation: Operation, hidden: Hidden) -> Outcome:
    """Of what is on no record, or makes one."""
    if _is_for_others(caller, operation):
        return SOME_FAILED if operation.path.endswith("/batch-upsert") else FORBIDDEN
    return _outcome(RULES["elsewhere" if hidden else "live"].get(operation.id))


def _is_for_others(caller: str, operation: Operation) -> bool:
    """What begins with a record that he sees, and may not change."""
    return operation.id in RULES["gives"] and caller in RULES["change_their_own"]


def _target(operation: Operation) -> Place | None:
    """Where the operation names the record that it is about."""
    there = (p for p in PLACES[operation.id] if p.where == "path" and p.at in ("id", "external_id"))
    return next(there, None)


def _not_there(place: Place, whose: str) -> Outcome:
    if kind_of(place) != "claimed":
        return MISSING
    return FINE if whose in ("other_tenant", "unknown") else TAKEN


def _archived(operation: str) -> Outcome:
    said = ARCHIVED.get(operation, {"status": 200})
    return FINE if said["status"] < 300 else (said["status"], said["code"])


def _outcome(said: Sequence[Any] | None) -> Outcome:
    return (said[0], said[1]) if said else FINE


def _working_unit(caller: str, place: Place, whose: str) -> Outcome:
    """Of whoever is limited, the one that he works in."""
    on_own, far = _on_record(caller, place.operation, "own"), caller not in UNLIMITED
    if on_own == FINE and far and whose != "own":
        return INVALID
    return _referring(caller, place, whose)


def _owner(caller: str, place: Place, whose: str) -> Outcome:
    """Of a new record."""
    if caller in RULES["make_their_own"]:
        return INVALID
    return _referring(caller, place, whose)


def _person(caller: str, place: Place, whose: str) -> Outcome:
    """All customers here whom others know are organizations."""
    said = _referring(caller, place, whose)
    return INVALID if said == FINE else said


def _ordered(caller: str, place: Place, whose: str) -> Outcome:
    """An order that is not under way."""
    if not sees(caller, noun_of(place), whose):
        return UNKNOWN
    return FORBIDDEN if _is_for_others(caller, place.operation) else CONFLICT


def _stays(caller: str, place: Place, whose: str) -> Outcome:
    """Where a record is that is there already."""
    on_own = _on_record(caller, place.operation, "own")
    moves = whose != "own" or f"{place.operation.id} {place.name}" in RULES["itself"]
    if on_own == FINE and moves:
        return _outcome(RULES["stays_there"][place.operation.id])
    return on_own


def _record(caller: str, place: Place, whose: str) -> Outcome:
    return _on_record(caller, place.operation, whose)


def _claimed(caller: str, place: Place, whose: str) -> Outcome:
    """By an id of another system, perhaps with a body that says where the record is."""
    there = _record(caller, place, whose)
    if there in (FINE, TAKEN) and _is_for_others(caller, place.operation):
        return FORBIDDEN
    elsewhere = RULES["stays_there"].get(place.operation.id)
    return _outcome(elsewhere) if whose == "other_unit" and there == FINE else there


def _as_own(caller: str, place: Place, whose: str) -> Outcome:
    """Whatever the id is of, the request is all right."""
    return _on_record(caller, place.operation, "own")


def _part(caller: str, place: Place, whose: str) -> Outcome:
    return _as_own(caller, place, whose) if whose == "own" else MISSING


def _its_own(caller: str, place: Place, whose: str) -> Outcome:
    """What is a part of the record in the path."""
    on_own = _as_own(caller, place, whose)
    return UNKNOWN if on_own == FINE and whose != "own" else on_own


def _item(caller: str, place: Place, whose: str) -> Outcome:
    """One of several: what would be refused alone has failed."""
    kind = RULES["items_as"].get(f"{place.operation.id} {place.name}", "reference")
    fits = BY_KIND[kind](caller, place, whose) == FINE
    return _as_own(caller, place, whose) if fits else SOME_FAILED


def _place(caller: str, place: Place, whose: str) -> Outcome:
    return INVALID if whose in ("other_tenant", "unknown") else _as_own(caller, place, whose)


def _in_unit(caller: str, place: Place, whose: str) -> Outcome:
    operation = place.operation
    if whose == "own":
        return _on_record(caller, operation, "own")
    if caller not in UNLIMITED or whose in ("other_tenant", "unknown"):
        return MISSING
    beginning = operation.id in RULES["begun"]
    return FINE if whose == "other_unit" else CONFLICT if beginning else MISSING


def _referring(caller: str, place: Place, whose: str) -> Outcome:
    on_own, refusal = _on_record(caller, place.operation, "own"), _refusal(caller, place, whose)
    first = place.operation.id in RULES["references_first"] or _is_fixed(caller, place.operation)
    return refusal if refusal != FINE and (first or on_own == FINE) else on_own


def _refusal(caller: str, place: Place, whose: str) -> Outcome:
    name, noun = f"{place.operation.id} {place.name}", noun_of(place)
    if not sees(caller, noun, whose):
        return UNKNOWN
    if whose == "archived":
        known = RULES["archived_references"]
        return _outcome(known[name] if name in known else known[noun])
    return _outcome(RULES["itself"].get(name)) if whose == "own" else FINE


def _shared(caller: str, place: Place, whose: str) -> Outcome:
    """A customer who is given to others."""
    if not sees(caller, noun_of(place), whose):
        return UNKNOWN
    on_own = _on_record(caller, place.operation, "own")
    return CONFLICT if on_own == FINE and whose == "archived" else on_own


def _narrowed(caller: str, operation: Operation, whose: str) -> Outcome:
    """To a unit; who reaches some alone, to one of those."""
    far = caller in UNLIMITED or caller == "nothing"
    if whose in ("other_tenant", "unknown") or (whose != "own" and not far):
        return INVALID
    if not may(caller, operation):
        return FORBIDDEN
    return _on_record(caller, operation, "own", () if whose == "own" else ("viewers",))


def _on_behalf(caller: str, operation: Operation, whose: str) -> Outcome:
    """Of who sells in the caller's unit, or of who manages another one."""
    user = RULES["behalf"].get(whose)
    if not holds(caller, "users_act_as", "changes") or user is None or not may(user, operation):
        return FORBIDDEN
    hidden = () if whose == "own" else ("viewers", "makers")
    return _on_record(user, operation, "own", hidden)


IN_PLACE = {"narrowing": _narrowed, "behalf": _on_behalf}
BY_KIND = {
    "record": _record,
    "claimed": _claimed,
    "unit": _in_unit,
    "part": _part,
    "reference": _referring,
    "working_unit": _working_unit,
    "shared": _shared,
    "owner": _owner,
    "person": _person,
    "stays": _stays,
    "ordered": _ordered,
    "item": _item,
    "place": _place,
    "its_own": _its_own,
    **dict.fromkeys(("named", "filter", "looked_up", "later"), _as_own),
}
