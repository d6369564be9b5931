"""Documents at rest, as their reader may see them: never more than a GET shows him.

What a `Read` says of its fields is done to the members of a document that was written whole.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Text,
    and_,
    case,
    cast,
    column,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from .any_ids import noun_of
from .columns import Columns, mark
from .db import table_of
from .eyes import IfSeen
from .hiding import Without
from .masking import MASKED, Instead, Masked
from .ruled import Masks, hidden
from .schema import Read
from .shapes import shapes
from .statement import number, quoted

Value = ColumnElement[Any]
Spell = Callable[[Value], Value]
NOTHING: Value = number(0)
NULL = quoted("null")


@dataclass(frozen=True, slots=True)
class Veiled:
    """A field that is a document, of the noun that the column `named` begins with.

    With `pairs` its members are not values but `{"old": value, "new": value}`: then what is hidden
    from the reader is left out, as if it had not changed.
    """

    column: str
    named: str
    pairs: bool = False

    def veiled(self, row: Columns, masks: Masks) -> Value:
        whole, noun = row[self.column], noun_of(row[self.named])
        cases = [
            (and_(noun == quoted(word), or_(*when)), self._veiled(read, whole, masks))
            for word, read in shapes().items()
            if (when := list(_when(read, masks)))
        ]
        return cast(case(*cases, else_=whole), JSON)

    def _veiled(self, read: type[Read], whole: Value, masks: Masks) -> Value:
        """Member by member, in their order, and spelled as PostgreSQL spells a row."""
        members = func.json_each(cast(whole, JSON)).table_valued(
            column("key", Text), column("value", JSON), name="member"
        )
        spelled = {
            name: self._each(spell)(members.c.value) for name, spell in _spelled(read, masks)
        }
        value = case(spelled, value=members.c.key, else_=cast(members.c.value, Text))
        member = cast(func.to_json(members.c.key), Text).concat(quoted(":")).concat(value)
        listed = select(func.string_agg(member, quoted(","))).select_from(members)
        if self.pairs:
            gone = [quoted(name) for name in sorted(hidden(read, masks))]
            listed = listed.where(members.c.key.not_in(gone)) if gone else listed
        text = quoted("{").concat(listed.scalar_subquery()).concat(quoted("}"))
        return case((whole.is_not(None), text))

    def _each(self, spell: Spell) -> Spell:
        if not self.pairs:
            return spell
        return lambda pair: _pair(*(spell(_member(pair, name)) for name in ("old", "new")))


def _member(value: Value, name: str) -> Value:
    member: Value = value.op("->", return_type=JSON())(quoted(name))
    return member


def _pair(old: Value, new: Value) -> Value:
    begun = quoted('{"old": ').concat(old).concat(quoted(', "new": '))
    return begun.concat(new).concat(quoted("}"))


def _when(read: type[Read], masks: Masks) -> Iterator[Value]:
    """Conditions under which a document does not show all."""
    fields = read.model_fields.values()
    if hidden(read, masks):
        yield true()
    yield from (func.cardinality(m.keys) > NOTHING for f in fields if (m := mark(f, Without)))
    if any(mark(field, Masked) for field in fields):
        yield MASKED
    yield from (not_(m.everything()) for f in fields if (m := mark(f, IfSeen)))


def _spelled(read: type[Read], masks: Masks) -> Iterator[tuple[str, Spell]]:
    """For each field that is not always told as it is, how JSON of it becomes text."""
    gone = hidden(read, masks)
    for name, field in read.model_fields.items():
        masked, instead = mark(field, Masked), mark(field, Instead)
        if without := mark(field, Without):
            yield name, _without(without)
        elif name in gone and not (masked and masked.function):
            yield name, _instead(instead)
        elif masked:
            is_json = isinstance(table_of(read.table).c[name].type, JSONB)
            yield name, _through(masked.hidden if name in gone else masked.over, is_json)


def _without(hidden: Without) -> Spell:
    return lambda value: cast(hidden.rest(cast(value, JSONB)), Text)


def _instead(instead: Instead | None) -> Spell:
    return lambda value: quoted(instead.json) if instead else NULL


def _through(mask: Spell, is_json: bool) -> Spell:
    """Of JSON null there is nothing to mask."""

    def spell(value: Value) -> Value:
        text = value.op("#>>", return_type=Text())(quoted("{}"))
        over = mask(cast(text, JSONB) if is_json else text)
        return func.coalesce(cast(over if is_json else func.to_json(over), Text), NULL)

    return spell
