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
    place, noun = _target(operation), NOUN_OF[operation.id][0]
    if operation.id in RULES["whole"] and _is_veiled(caller, noun):
        return FORBIDDEN
    if place is None:
        return _begun(caller, operation, hidden)
    if NOUNS[noun_of(place)]["seen_by"] in hidden:
        return _hidden(place, whose)
    if not sees(caller, noun_of(place), whose):
        return _not_there(place, whose)
    if _is_only_seen(caller, place, whose) or _is_others_to_do(caller, operation, whose):
        return FORBIDDEN
    return _on_seen(operation, whose)


def _on_seen(operation: Operation, whose: str) -> Outcome:
    if whose == "archived":
        return _archived(operation.id)
    if whose == "other_unit" and operation.id in RULES["of_one_unit"]:
        return CONFLICT
    return _outcome(RULES["live"].get(operation.id))


def _is_only_seen(caller: str, place: Place, whose: str) -> bool:
    noun, deed = NOUN_OF[place.operation.id]
    only_seen = caller in RULES["change_their_own"] and deed == "changes"
    return only_seen and not (whose == "archived" and noun != noun_of(place))


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
    if operation.id in RULES["gives"] and caller in RULES["change_their_own"]:
        return FORBIDDEN
    return _outcome(RULES["elsewhere" if hidden else "live"].get(operation.id))


def _target(operation: Operation) -> Place | None:
    """Where the operation names the record that it is about."""
    there = (p for p in PLACES[operation.id] if p.where == "path" and p.at in ("id", "external_id"))
    return next(there, None)


def _hidden(place: Place, whose: str) -> Outcome:
    said = RULES["elsewhere"].get(place.operation.id)
    return _outcome(said) if said else _not_there(place, whose)


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
    return (
        INVALID if caller not in UNLIMITED and whose != "own" else _referring(caller, place, whose)
    )


def _record(caller: str, place: Place, whose: str) -> Outcome:
    return _on_record(caller, place.operation, whose)


def _as_own(caller: str, place: Place, whose: str) -> Outcome:
    """Whatever the id is of, the request is all right."""
    return _on_record(caller, place.operation, "own")


def _part(caller: str, place: Place, whose: str) -> Outcome:
    return _as_own(caller, place, whose) if whose == "own" else MISSING


def _item(caller: str, place: Place, whose: str) -> Outcome:
    kind = RULES["items_as"].get(f"{place.operation.id} {place.name}", "reference")
    alone, on_own = BY_KIND[kind](caller, place, whose), _as_own(caller, place, whose)
    return on_own if alone == on_own else (207, None)


def _owner(caller: str, place: Place, whose: str) -> Outcome:
    """Whose record it becomes, of whoever makes it."""
    on_own = _on_record(caller, place.operation, "own")
    if on_own == FINE and caller in RULES["make_their_own"]:
        return INVALID
    return _referring(caller, place, whose)


def _person(caller: str, place: Place, whose: str) -> Outcome:
    on_own = _on_record(caller, place.operation, "own")
    if on_own != FINE:
        return on_own
    if not sees(caller, noun_of(place), whose):
        return UNKNOWN
    return CONFLICT if whose == "archived" else INVALID


def _stays(caller: str, place: Place, whose: str) -> Outcome:
    on_own = _on_record(caller, place.operation, "own")
    return CONFLICT if on_own == FINE and whose != "own" else on_own


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
    "claimed": _record,
    "unit": _in_unit,
    "part": _part,
    "reference": _referring,
    "working_unit": _working_unit,
    "shared": _shared,
    "owner": _owner,
    "person": _person,
    "stays": _stays,
    "item": _item,
    "place": _place,
    **dict.fromkeys(("named", "filter", "looked_up", "later"), _as_own),
}
