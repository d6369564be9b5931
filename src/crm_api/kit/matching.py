"""A filter that is understood: as SQL over a table, or held against a document in memory."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, and_, false, or_, true

from .criteria import Criterion, Document, parameter
from .few import few_or_all
from .ops import RANGES, SEVERAL, TESTS, Op, test_of

Way = Literal["all", "any", "none"]
GROUPS: Mapping[Way, Callable[[Any], bool]] = {
    "all": all,
    "any": any,
    "none": lambda parts: not any(parts),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One condition; filters that are the same but for what they compare with are equal.

    In a form, `same` is the number of the first condition on the same field.
    """

    criterion: Criterion
    op: Op
    negated: bool
    value: Any = field(compare=False)
    same: int = 0

    @property
    def lists(self) -> bool:
        """Whether a look-up table lists what is asked for, in the order of creation."""
        whole = test_of(self.criterion.kind, self.op) is TESTS[Op.eq]
        return whole and not self.negated and self.criterion.lister() is not None


@dataclass(frozen=True, slots=True)
class Group:
    way: Way
    of: tuple["Node", ...]


Node = Asked | Group


def asked_in(node: Node) -> Iterator[Asked]:
    if isinstance(node, Asked):
        yield node
    else:
        for part in node.of:
            yield from asked_in(part)


def holds(node: Node, document: Document) -> bool:
    """Whether the document of a record, as a GET shows it, is one that the filter finds."""
    if isinstance(node, Group):
        return GROUPS[node.way](holds(part, document) for part in node.of)
    test = test_of(node.criterion.kind, node.op)
    passed = any(test.memory(value, node.value) for value in node.criterion.found(document))
    return passed is not node.negated


def _sql(node: Node, row: FromClause, names: Iterator[str]) -> ColumnElement[bool]:
    """What is null counts as no: beneath a negation by IS NOT TRUE, else by WHERE itself."""
    if isinstance(node, Asked):
        test = test_of(node.criterion.kind, node.op)
        passed = node.criterion.sql(row, next(names), test, node.op in SEVERAL)
        return passed.is_not(true()) if node.negated else passed
    parts = [_sql(part, row, names) for part in node.of]
    if node.way == "all":
        return and_(true(), *parts)
    some = or_(false(), *parts)
    return some.is_not(true()) if node.way == "none" else some


def _names(name: str) -> Iterator[str]:
    return (f"{name}_{n}" for n in count())


@dataclass(frozen=True, slots=True)
class Matching:
    """The mark of a parameter that is a filter: what the caller sent is a `Node` by then."""

    def condition(self, table: FromClause, name: str, form: Any) -> ColumnElement[bool]:
        return _sql(form, table, _names(name))

    def form(self, value: Node) -> Node:
        """The filter without what it compares with."""
        return _form(value, {}, count())

    def values(self, name: str, value: Node, tenant: UUID) -> Mapping[str, Any]:
        bound: dict[str, Any] = {}
        for part, asked in zip(_names(name), asked_in(value), strict=False):
            bound |= asked.criterion.bound(part, asked.value)
        return bound

    def lists(self, name: str, form: Any, table: FromClause) -> Select[Any] | None:
        """The ids that a look-up table lists for what must hold."""
        parts = zip(_names(name), asked_in(form), strict=False)
        must = [(part, one) for part, one in parts if any(one is it for it in _must(form))]
        for part, one in must:
            lister = one.criterion.lister()
            if lister and one.lists:
                return lister.listed(part, False)
        return few_or_all(_ranges(must), table)


def _form(node: Node, first: dict[str, int], numbers: Iterator[int]) -> Node:
    if isinstance(node, Group):
        return replace(node, of=tuple(_form(part, first, numbers) for part in node.of))
    same = first.setdefault(node.criterion.name, next(numbers))
    return replace(node, value=None, same=same)


def _must(node: Node) -> Iterator[Asked]:
    """The conditions without which nothing matches."""
    if isinstance(node, Asked):
        yield node
    elif node.way == "all":
        for part in node.of:
            yield from _must(part)


def _ranges(must: list[tuple[str, Asked]]) -> Select[Any] | None:
    """What is within the bounds on the first field of which a look-up table has the order."""
    ranged = [(p, one) for p, one in must if one.op in RANGES and one.criterion.sortable]
    if not ranged:
        return None
    first = ranged[0][1]
    found = first.criterion.valued(ranged[0][0])
    value = found.selected_columns[1]
    for part, one in ranged:
        if one.same == first.same:
            found = found.where(TESTS[one.op].sql(value, parameter(part, value, False)))
    return found.with_only_columns(found.selected_columns[0])
