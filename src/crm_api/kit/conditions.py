"""The conditions of a filter: one comparison of a field, or all bounds that are put to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy import ColumnElement, FromClause, Select, select, true

from .criteria import Criterion, Document, parameter
from .ops import RANGES, SEVERAL, TESTS, Op, test_of
from .statement import number


@dataclass(frozen=True, slots=True)
class Asked:
    """One condition; filters that are the same but for what they compare with are equal."""

    criterion: Criterion
    op: Op
    negated: bool
    value: Any = field(compare=False)

    @property
    def lists(self) -> bool:
        """Whether a look-up table lists what is asked for, in the order of creation."""
        whole = test_of(self.criterion.kind, self.op) is TESTS[Op.eq]
        return whole and not self.negated and self.criterion.lister() is not None

    @property
    def bounds(self) -> bool:
        """Whether it bounds a field of which a look-up table has the order."""
        return self.op in RANGES and self.criterion.sortable

    def form(self) -> "Asked":
        return replace(self, value=None)

    def sql(self, row: FromClause, name: str) -> ColumnElement[bool]:
        test = test_of(self.criterion.kind, self.op)
        passed = self.criterion.sql(row, name, test, self.op in SEVERAL)
        return passed.is_not(true()) if self.negated else passed

    def bound(self, name: str) -> Mapping[str, Any]:
        return self.criterion.bound(name, self.value)

    def holds(self, document: Document) -> bool:
        test = test_of(self.criterion.kind, self.op)
        passed = any(test.memory(value, self.value) for value in self.criterion.found(document))
        return passed is not self.negated


@dataclass(frozen=True, slots=True)
class Span:
    """All that a filter bounds a field by; spans that differ in their values only are equal.

    `way` says what the plan may do: it is free to begin with the look-up table; or the rows were
    found by it, so that there is nothing to ask; or it looks each row up.
    """

    criterion: Criterion
    ops: tuple[Op, ...]
    values: tuple[Any, ...] = field(compare=False)
    way: Literal["free", "given", "row_by_row"] = "free"

    @property
    def lists(self) -> bool:
        """The look-up table has the ids in another order than that of their creation."""
        return False

    def form(self) -> "Span":
        return replace(self, values=())

    def ids(self, name: str) -> Select[Any]:
        """Of the rows whose values are within the bounds, in no order."""
        found = self.criterion.valued(name)
        id, value = found.selected_columns
        return found.with_only_columns(id).where(*self._within(value, name))

    def sql(self, row: FromClause, name: str) -> ColumnElement[bool]:
        """OFFSET 0 keeps the bounds out of the choice of an index: it is the record's."""
        if self.way == "given":
            return true()
        ids = self.ids(name) if self.way == "free" else self.criterion.valued(name)
        mine = ids.where(ids.selected_columns[0] == row.c.id).correlate(row)
        if self.way == "free":
            return mine.exists()
        own = mine.offset(number(0)).subquery(f"{name}_own")
        return select(own.c[0]).where(*self._within(own.c[1], name)).exists()

    def _within(self, value: ColumnElement[Any], name: str) -> Iterator[ColumnElement[bool]]:
        for one, op in zip(_names(name, self.ops), self.ops, strict=True):
            yield TESTS[op].sql(value, parameter(one, value, False))

    def bound(self, name: str) -> Mapping[str, Any]:
        bound = dict(self.criterion.located(name))
        for one, value in zip(_names(name, self.ops), self.values, strict=True):
            bound |= self.criterion.bound(one, value)
        return bound

    def holds(self, document: Document) -> bool:
        bounds = list(zip(self.ops, self.values, strict=True))
        return any(
            all(TESTS[op].memory(value, bound) for op, bound in bounds)
            for value in self.criterion.found(document)
        )


def _names(name: str, ops: tuple[Op, ...]) -> Iterator[str]:
    return (f"{name}_{n}" for n in range(len(ops)))
