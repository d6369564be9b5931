"""What the documents of each noun are."""

from collections.abc import Iterator
from typing import Any

from .repository import Repository
from .resource import declared
from .schema import Read


def shapes() -> dict[str, type[Read]]:
    """What the documents of a noun are, by the word that its events' names begin with."""
    reads = {kind.model: kind.read for kind in _tables(Repository)}
    return {word: reads[noun.model] for word, noun in declared.items() if noun.model in reads}


def _tables(kind: type[Repository[Any, Any]]) -> Iterator[type[Repository[Any, Any]]]:
    """The repositories of this kind that are of one table."""
    for child in kind.__subclasses__():
        yield from [child] if hasattr(child, "model") else []
        yield from _tables(child)
