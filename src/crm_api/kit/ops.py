"""What may be asked of a value, once for the database and once for memory.

Between absent values and others no comparison holds, and its opposite does: `ne` finds what is
empty too. So every question is yes or no, and `none` of some finds just what `any` does not.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, any_, collate, func

from .kinds import Kind


class Op(StrEnum):
    eq = "eq"
    ne = "ne"
    gt = "gt"
    gte = "gte"
    lt = "lt"
    lte = "lte"
    in_ = "in"
    not_in = "not_in"
    contains = "contains"
    starts_with = "starts_with"
    exists = "exists"
    within_last = "within_last"


NEGATED = {Op.ne: Op.eq, Op.not_in: Op.in_}
SEVERAL = (Op.in_, Op.not_in)
PARTS = (Op.contains, Op.starts_with)
RANGES = (Op.gt, Op.gte, Op.lt, Op.lte)
SAME = (Op.eq, Op.ne, Op.in_, Op.not_in, Op.exists)
ORDERED = (Op.eq, Op.ne, Op.gt, Op.gte, Op.lt, Op.lte)
OF_KIND: Mapping[Kind, tuple[Op, ...]] = {
    Kind.text: (*SAME, Op.contains, Op.starts_with),
    Kind.number: (*ORDERED, Op.in_, Op.not_in, Op.exists),
    Kind.decimal: (*ORDERED, Op.in_, Op.not_in, Op.exists),
    Kind.boolean: (Op.eq, Op.ne, Op.exists),
    Kind.date: (*ORDERED, Op.within_last, Op.exists),
    Kind.datetime: (*ORDERED, Op.within_last, Op.exists),
    Kind.select: SAME,
    Kind.multi_select: (Op.contains, Op.in_, Op.not_in, Op.exists),
    Kind.reference: SAME,
}
CAPITALS = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def lowered(text: str) -> str:
    """Without capitals from A to Z: what the database makes of it under COLLATE "C"."""
    return text.translate(CAPITALS)


def _lowered(column: ColumnElement[Any]) -> ColumnElement[str]:
    return func.lower(collate(column, "C"))


@dataclass(frozen=True, slots=True)
class Test:
    """`sql(column, asked)` and `memory(value, asked)` say the same of one value."""

    sql: Callable[[Any, Any], Any]
    memory: Callable[[Any, Any], bool]


def _contains(column: ColumnElement[Any], asked: Any) -> ColumnElement[bool]:
    return func.strpos(_lowered(column), _lowered(asked)) > 0


def _starts_with(column: ColumnElement[Any], asked: Any) -> ColumnElement[bool]:
    return func.starts_with(_lowered(column), _lowered(asked))


TESTS: Mapping[Op, Test] = {
    Op.eq: Test(operator.eq, operator.eq),
    Op.gt: Test(operator.gt, operator.gt),
    Op.gte: Test(operator.ge, operator.ge),
    Op.lt: Test(operator.lt, operator.lt),
    Op.lte: Test(operator.le, operator.le),
    Op.in_: Test(lambda column, asked: column == any_(asked), lambda value, asked: value in asked),
    Op.contains: Test(_contains, lambda value, asked: lowered(asked) in lowered(value)),
    Op.starts_with: Test(
        _starts_with, lambda value, asked: lowered(value).startswith(lowered(asked))
    ),
    Op.exists: Test(lambda column, _: column.is_not(None), lambda value, _: value is not None),
}


def test_of(kind: Kind, op: Op) -> Test:
    """A set contains a member that is the same; a text contains what is a part of it."""
    return TESTS[Op.eq if kind is Kind.multi_select and op is Op.contains else op]
