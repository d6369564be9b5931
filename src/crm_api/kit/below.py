"""Classes by what they are made from."""

from collections.abc import Iterator
from typing import TypeVar

K = TypeVar("K")


def below(kind: type[K]) -> Iterator[type[K]]:
    """Every class that is made from this one, as far as they are known by now."""
    for child in kind.__subclasses__():
        yield child
        yield from below(child)
