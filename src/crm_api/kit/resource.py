"""The one declaration of a noun; every registry of the product reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .db import Entity
from .errors import InvalidTransition
from .ids import Prefix
from .words import say

MergeRule = Literal["repoint", "keep", "unite"]
declared: dict[str, "Resource"] = {}
"""Every noun of this process, by the word that its events' names begin with."""


@dataclass(frozen=True, slots=True)
class Resource:
    """`states` lists the legal transitions of each state; what is not listed is refused.

    `merges` says what becomes of each foreign key of the noun's tables (`table.column`), and of
    each column with ids of any noun, when the record that it points to is merged into another one;
    `unite` makes one of two that cannot be side by side. With `custom` its records carry values of
    fields that the tenant defines, in a column of that name. `reads` is the scope of those who may
    see its records and events, where it is not `{table}:read`.
    """

    noun: str
    prefix: Prefix
    model: type[Entity]
    states: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    merges: Mapping[str, MergeRule] = field(default_factory=dict)
    custom: bool = False
    reads: str = ""

    def __post_init__(self) -> None:
        declared[self.word] = self

    @property
    def word(self) -> str:
        """`api_key`, of `api_key.created`."""
        return self.noun.replace(" ", "_")

    @property
    def scope(self) -> str:
        """What whoever reads its records must hold."""
        return self.reads or f"{self.model.__tablename__}:read"

    def check_transition(self, now: str, wanted: str, allowed: Sequence[str] | None = None) -> None:
        """Raises InvalidTransition, which names the states that may follow; `allowed` are those of
        this one record, where they are fewer."""
        allowed = self.states[now] if allowed is None else allowed
        if wanted not in allowed:
            raise InvalidTransition(
                say("A record that is {now} cannot become {wanted}.", now=now, wanted=wanted),
                current=now,
                allowed=list(allowed),
            )
