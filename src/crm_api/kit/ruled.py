"""Fields that roles may hide from their holders, or keep them from changing.

Such a field has a name like `customers.born_on`. What tells of it in a document, or keeps it in a
row, is said by `Read.ruled`.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from .actor import Actor
from .below import below
from .db import Base, table_of
from .errors import FieldError, Forbidden
from .schema import Read
from .words import say

Masks = frozenset[str]
"""Names of fields that somebody does not see."""
NO_MASKS: Masks = frozenset()
Values = Mapping[str, Any]


class FieldNotYours(Forbidden):
    """Fields of a record that one may change else."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(say("Your roles keep you from changing some of these fields."), *errors)


@lru_cache
def names(read: type[Read]) -> Mapping[str, str]:
    """Of the members that roles may rule, the name of the field that each belongs to."""
    table = table_of(read.table).name
    return {member: f"{table}.{field}" for member, field in read.ruled.items()}


@lru_cache
def hidden(read: type[Read], masks: Masks) -> frozenset[str]:
    """The members of its documents that do not show what they are."""
    return frozenset(member for member, name in names(read).items() if name in masks)


def hidden_of(table: type[Base], masks: Masks) -> frozenset[str]:
    """The same of all documents of a table."""
    shown = (hidden(read, masks) for read in reads() if read.table is table)
    return frozenset[str]().union(*shown)


def reads() -> Iterator[type[Read]]:
    """Those that have fields which roles may rule."""
    return (read for read in below(Read) if read.ruled)


@lru_cache
def tag(masks: Masks) -> str:
    """Tells answers apart that differ by what is hidden in them; empty where nothing is."""
    text = " ".join(sorted(masks)).encode()
    return f"fields-{blake2b(text, digest_size=8).hexdigest()}" if masks else ""


def check_sent(actor: Actor, read: type[Read], sent: Values) -> None:
    """What somebody does not see he does not change, not even into what it is: else he would learn
    of it. Raises FieldNotYours."""
    if actor.masks:
        _refuse(read, sent, actor.masks, lambda member: True)


def check_change(actor: Actor, read: type[Read], row: Any, values: Values) -> None:
    """What somebody sees and may not change he may send as it is. Raises FieldNotYours."""
    if actor.fixed:
        check_sent(actor, read, values)
        _refuse(read, values, actor.fixed, lambda name: getattr(row, name) != values[name])


def check_new(actor: Actor, read: type[Read], values: Values) -> None:
    """A new record begins without a value of it. Raises FieldNotYours."""
    if actor.fixed:
        _refuse(read, values, actor.fixed, lambda name: _says_something(values[name]))


def _refuse(
    read: type[Read], values: Values, fields: frozenset[str], wrong: Callable[[str], bool]
) -> None:
    known = names(read)
    found = {read.ruled[n] for n in values if known.get(n) in fields and wrong(n)}
    if found:
        raise FieldNotYours(*_errors(found))


def _errors(fields: set[str]) -> Iterator[FieldError]:
    for field in sorted(fields):
        message = say("Your roles do not let you change this field.")
        yield {"pointer": f"/{field}", "code": "field_not_yours", "message": message}


def _says_something(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_says_something, value.values()))
    return bool(value) if isinstance(value, list) else value is not None
