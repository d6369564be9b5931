"""A filter that is understood: as SQL over a table, or held against a document in memory."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, and_, false, or_, true

from .conditions import Asked, Span
from .criteria import Document

Way = Literal["all", "any", "none"]
GROUPS: Mapping[Way, Callable[[Any], bool]] = {
    "all": all,
    "any": any,
    "none": lambda parts: not any(parts),
}


@dataclass(frozen=True, slots=True)
class Group:
    way: Way
    of: tuple["Node", ...]


Leaf = Asked | Span
Node = Leaf | Group


def joined(node: Node) -> Node:
    """The same filter, where bounds that must hold of one field together are one span."""
    if isinstance(node, Asked) and node.bounds:
        return _span([node])
    return replace(node, of=tuple(_parts(node))) if isinstance(node, Group) else node


def _parts(group: Group) -> Iterator[Node]:
    bounds: dict[str, list[Asked]] = {}
    for part in group.of:
        if group.way == "all" and isinstance(part, Asked) and part.bounds:
            bounds.setdefault(part.criterion.name, []).append(part)
        else:
            yield joined(part)
    yield from map(_span, bounds.values())


def _span(of_one: list[Asked]) -> Span:
    ops, values = tuple(one.op for one in of_one), tuple(one.value for one in of_one)
    return Span(of_one[0].criterion, ops, values)


def asked_in(node: Node, *ways: Way) -> Iterator[Leaf]:
    """The conditions in their order; of groups of these ways only, if there are any."""
    if not isinstance(node, Group):
        yield node
    elif not ways or node.way in ways:
        for part in node.of:
            yield from asked_in(part, *ways)


def holds(node: Node, document: Document) -> bool:
    """Whether the document of a record, as a GET shows it, is one that the filter finds."""
    if isinstance(node, Group):
        return GROUPS[node.way](holds(part, document) for part in node.of)
    return node.holds(document)


def _sql(node: Node, row: FromClause, names: Iterator[str]) -> ColumnElement[bool]:
    """What is null counts as no: beneath a negation by IS NOT TRUE, else by WHERE itself."""
    if not isinstance(node, Group):
        return node.sql(row, next(names))
    parts = [_sql(part, row, names) for part in node.of]
    if node.way == "all":
        return and_(true(), *parts)
    some = or_(false(), *parts)
    return some.is_not(true()) if node.way == "none" else some


def _names(name: str) -> Iterator[str]:
    return (f"{name}_{n}" for n in count())


def _instead(node: Node, old: Node, new: Node) -> Node:
    if node is old or not isinstance(node, Group):
        return new if node is old else node
    return replace(node, of=tuple(_instead(part, old, new) for part in node.of))


@dataclass(frozen=True, slots=True)
class Spanned:
    """The ids that a span finds, and the filter for rows that were found so, and for others."""

    ids: Select[Any]
    given: Node
    row_by_row: Node


@dataclass(frozen=True, slots=True)
class Matching:
    """The mark of a parameter that is a filter: what the caller sent is a `Node` by then."""

    def condition(self, table: FromClause, name: str, form: Any) -> ColumnElement[bool]:
        return _sql(form, table, _names(name))

    def form(self, value: Node) -> Node:
        """The filter without what it compares with."""
        if isinstance(value, Group):
            return replace(value, of=tuple(self.form(part) for part in value.of))
        return value.form()

    def values(self, name: str, value: Node, tenant: UUID) -> Mapping[str, Any]:
        bound: dict[str, Any] = {}
        for part, leaf in zip(_names(name), asked_in(value), strict=False):
            bound |= leaf.bound(part)
        return bound

    def lists(self, name: str, form: Any) -> Select[Any] | None:
        """The ids that a look-up table lists for a condition that must hold."""
        for part, leaf in _must(name, form):
            lister = leaf.criterion.lister()
            if lister and leaf.lists:
                return lister.listed(part, False)
        return None

    def spanned(self, name: str, form: Any) -> Spanned | None:
        """What is within bounds that must hold."""
        for part, leaf in _must(name, form):
            if isinstance(leaf, Span):
                given, row_by_row = (
                    _instead(form, leaf, replace(leaf, way=way)) for way in ("given", "row_by_row")
                )
                return Spanned(leaf.ids(part), given, row_by_row)
        return None


def _must(name: str, form: Node) -> Iterator[tuple[str, Leaf]]:
    """The conditions without which nothing matches, by the names of their parameters."""
    must = list(asked_in(form, "all"))
    named = zip(_names(name), asked_in(form), strict=False)
    return ((part, leaf) for part, leaf in named if any(leaf is one for one in must))
