"""What was found, by kind of damage; nothing of it may be."""

from collections.abc import Iterable
from typing import Literal, get_args

Damage = Literal[
    "lost",
    "doubled",
    "different",
    "uncalled-for",
    "gaps",
    "torn",
    "foreign",
    "stuck",
    "refused",
    "late",
]
DAMAGES: tuple[Damage, ...] = get_args(Damage)
MEANING: dict[Damage, str] = {
    "lost": "acknowledged, and not in the database",
    "doubled": "in the database more than once",
    "different": "a repetition, or the database, says other than the first answer",
    "uncalled-for": "in the database, though it died before its commit, or nobody asked for it",
    "gaps": "versions of a record, or numbers of the journal, that are missing or there twice",
    "torn": "rows that contradict each other; transactions, locks and settings left behind",
    "foreign": "in an answer, and of another tenant, or of a unit that the caller does not see",
    "stuck": "a key without an answer for a minute",
    "refused": "an answer that should not have been given, such as 500",
    "late": "an answer, or a recovery, later than promised",
}


class Findings:
    def __init__(self) -> None:
        self.all: dict[Damage, list[str]] = {}

    def add(self, damage: Damage, what: str) -> None:
        self.all.setdefault(damage, []).append(what)

    def add_all(self, damage: Damage, what: Iterable[str]) -> None:
        for one in what:
            self.add(damage, one)

    def count(self, damage: Damage) -> int:
        return len(self.all.get(damage, ()))

    def __bool__(self) -> bool:
        return bool(self.all)

    def lines(self, most: int = 5) -> list[str]:
        """The first of each kind, in words."""
        return [f"{damage}: {what}" for damage, found in self.all.items() for what in found[:most]]

    def join(self, other: "Findings") -> None:
        for damage, what in other.all.items():
            self.add_all(damage, what)
