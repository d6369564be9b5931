"""What may become of a record: the states that a field of its document may have, and what leads
from one to another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .errors import InvalidTransition
from .words import Words, say

States = StrEnum | tuple[StrEnum, ...]
Step = tuple[StrEnum, StrEnum, "Transition"]


@dataclass(frozen=True, slots=True)
class Transition:
    """From each of some states to each of others.

    `by` is the verb of the operation that makes it: `archive` of a team is `archiveTeam`. Where it
    comes about without one, `by` says how, in words. `note` tells callers what the states do not.
    """

    by: str
    from_: States
    to: States
    note: Words | None = None

    @property
    def verb(self) -> str | None:
        return None if self.because else self.by

    @property
    def because(self) -> Words | None:
        return self.by if isinstance(self.by, Words) else None


@dataclass(frozen=True, slots=True)
class Machine:
    """A new record is in the state `begins`. What no transition lists is refused."""

    begins: StrEnum
    transitions: Sequence[Transition]

    @property
    def kind(self) -> type[StrEnum]:
        """All its states."""
        return type(self.begins)

    def steps(self) -> Iterator[Step]:
        """Its transitions, from one state to one other each."""
        for one in self.transitions:
            for before in _each(one.from_):
                yield from ((before, after, one) for after in _each(one.to))

    def after(self, now: str, by: str = "") -> list[StrEnum]:
        """The states that may follow; with a verb, those that it leads to."""
        steps = (step for step in self.steps() if step[0] == now)
        return list(dict.fromkeys(to for _, to, one in steps if by in ("", one.by)))

    def is_final(self, state: str) -> bool:
        return not self.after(state)

    def check(
        self, now: str, wanted: str, allowed: Sequence[str] | None = None, by: str = ""
    ) -> None:
        """Raises InvalidTransition, which names the states that may follow; `allowed` are those of
        this one record, where they are fewer."""
        if wanted not in (self.after(now, by) if allowed is None else allowed):
            raise InvalidTransition(
                say("A record that is {now} cannot become {wanted}.", now=now, wanted=wanted),
                current=now,
                allowed=self.after(now) if allowed is None else list(allowed),
            )


def live_and_archived(kind: type[StrEnum], *others: Transition) -> Machine:
    """Of records that are archived, and restored."""
    live, archived = kind("live"), kind("archived")
    away, back = Transition("archive", live, archived), Transition("restore", archived, live)
    return Machine(live, (away, back, *others))


def _each(states: States) -> tuple[StrEnum, ...]:
    return (states,) if isinstance(states, StrEnum) else states
