"""What is numbered, and how where a tenant says nothing."""

from dataclasses import dataclass

from .models import Restarts


@dataclass(frozen=True, slots=True)
class Numbering:
    pattern: str
    restarts: Restarts


BUILT_IN = {
    "order": Numbering("SO{yyyy}{mm}{dd}-{n:4}", Restarts.day),
    "shipment": Numbering("SH{yyyy}{mm}{dd}-{n:4}", Restarts.day),
    "return": Numbering("RT{yyyy}{mm}{dd}-{n:4}", Restarts.day),
    "receipt": Numbering("RC{yyyy}{mm}{dd}-{n:4}", Restarts.day),
    "ticket": Numbering("TIC-{yyyy}-{n:6}", Restarts.year),
}
"""By the words of the nouns."""
