"""What a part of the programme reports."""

from dataclasses import dataclass, field

from .findings import Findings


@dataclass
class Part:
    """`done` says what was done, and how often or how long; `found` what should not be."""

    name: str
    found: Findings = field(default_factory=Findings)
    done: list[tuple[str, str]] = field(default_factory=list)

    def did(self, what: str, figure: float | str) -> None:
        said = figure if isinstance(figure, str) else f"{figure:,}"
        self.done.append((what, said))
