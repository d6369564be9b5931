"""Fields that are money, to be asked about: the number in one column, the currency in another."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func

from .criteria import Document
from .fields import Own
from .kinds import Kind, read
from .ruled import names
from .schema import Read
from .words import Words, by_language


@dataclass(frozen=True, slots=True, kw_only=True)
class OfMoney(Own):
    """The number or the currency of a field that is money: the `member` of the field `of`."""

    of: str
    member: str

    def spelled(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        return cast(func.trim_scale(value), Text) if self.kind is Kind.decimal else value

    def found(self, document: Document) -> list[Any]:
        money = document[self.of]
        return [] if money is None else [read(self.kind, money[self.member])]


def of_money(shape: type[Read], name: str, amount: str, currency: str) -> tuple[OfMoney, OfMoney]:
    """The number and the currency of a field, by the names of their columns."""
    field = shape.model_fields[name]
    assert isinstance(field.title, Words), f"{name} has no title"
    said: dict[str, Any] = {"says": field.description or "", "of": name}
    said |= {"ruled": names(shape).get(name, ""), "labels": (by_language(field.title),)}
    return (
        OfMoney(name=amount, kind=Kind.decimal, member="amount", **said),
        OfMoney(name=currency, kind=Kind.text, member="currency", **said),
    )
