"""The one declaration of a noun; every registry of the product reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from .contract_words import operation_id
from .db import Entity, table_of
from .ids import Prefix
from .machines import Machine

MergeRule = Literal["repoint", "keep", "unite"]
declared: dict[str, "Resource"] = {}
"""Every noun of this process, by the word that its events' names begin with."""


@dataclass(frozen=True, slots=True)
class Resource:
    """`machines` says by the names of fields what may become of its records.

    `merges` says what becomes of each foreign key of the noun's tables (`table.column`), and of
    each column with ids of any noun, when the record that it points to is merged into another one;
    `unite` makes one of two that cannot be side by side. With `custom` its records carry values of
    fields that the tenant defines, in a column of that name. `reads` is the scope of those who may
    see its records and events, where it is not `{table}:read`.
    """

    noun: str
    prefix: Prefix
    model: type[Entity]
    machines: Mapping[str, Machine] = field(default_factory=dict)
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
    def collection(self) -> str:
        """`api_keys`, by which it is named in scopes and queries."""
        return table_of(self.model).name

    @property
    def scope(self) -> str:
        """What whoever reads its records must hold."""
        return self.reads or f"{self.collection}:read"

    def operation(self, verb: str) -> str:
        """`archive` of a team is `archiveTeam`."""
        return operation_id(f"{verb.replace('-', '_')}_{self.word}")

    def machine_of(self, state: StrEnum) -> tuple[str, Machine]:
        """The one that has this state, and the field that it is about."""
        return next(of for of in self.machines.items() if of[1].kind is type(state))

    def check_transition(
        self, now: str, wanted: StrEnum, allowed: Sequence[str] | None = None
    ) -> None:
        """Raises InvalidTransition, which names the states that may follow; `allowed` are those of
        this one record, where they are fewer."""
        self.machine_of(wanted)[1].check(now, wanted, allowed)
