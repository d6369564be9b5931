"""A filter that is understood: as SQL over a table, or held against a document in memory."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, and_, false, or_, true

from .criteria import Criterion, Document
from .ops import SEVERAL, TESTS, Op, test_of

Way = Literal["all", "any", "none"]
GROUPS: Mapping[Way, Callable[[Any], bool]] = {
    "all": all,
    "any": any,
    "none": lambda parts: not any(parts),
}


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
        if isinstance(value, Group):
            return replace(value, of=tuple(self.form(part) for part in value.of))
        return replace(value, value=None)

    def values(self, name: str, value: Node, tenant: UUID) -> Mapping[str, Any]:
        bound: dict[str, Any] = {}
        for part, asked in zip(_names(name), asked_in(value), strict=False):
            bound |= asked.criterion.bound(part, asked.value)
        return bound

    def lists(self, name: str, form: Any) -> Select[Any] | None:
        """The ids that a look-up table lists for a condition that must hold."""
        must = [form] if isinstance(form, Asked) or form.way != "all" else form.of
        for part, asked in zip(_names(name), asked_in(form), strict=False):
            lister = asked.criterion.lister()
            if lister and asked.lists and any(asked is one for one in must):
                return lister.listed(part, False)
        return None
