"""What the documents of each noun are."""

from .below import below
from .repository import Repository
from .resource import declared
from .schema import Read


def shapes() -> dict[str, type[Read]]:
    """What the documents of a noun are, by the word that its events' names begin with."""
    tables = (kind for kind in below(Repository) if hasattr(kind, "model"))
    reads = {kind.model: kind.read for kind in tables}
    return {word: reads[noun.model] for word, noun in declared.items() if noun.model in reads}
