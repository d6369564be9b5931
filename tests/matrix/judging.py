"""One request of the matrix, and what is wrong with its answer."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.hostile.catalogue import DOCUMENT, Operation

from .asking import Asking
from .expecting import FINE, Outcome, expected
from .places import PLACES, Place
from .rules import CALLERS, noun_of, sees, whose_of
from .sending import Answer, Asked, hexadecimals, send
from .world import Caller

DRY_RUN = {"$ref": "#/components/parameters/DryRun"}
REHEARSED = {"Crm-Dry-Run": "true"}


@dataclass(frozen=True)
class Case:
    """A caller and a place; the id in it is each in turn that the matrix knows."""

    operation: Operation
    caller: str
    place: Place | None

    async def judge(self, asking: Asking) -> list[str]:
        said: list[str] = []
        heard: dict[str, tuple[Asked, Answer]] = {}
        for whose in whose_of(self.place):
            outcome = expected(self.caller, self.operation, self.place, whose)
            asked, answer = heard[whose] = await self._ask(asking, whose, outcome)
            wrong = [
                *_unlike(outcome, answer),
                *_leaked(asking.world.callers[self.caller], asked, answer),
            ]
            said += [f"{self.caller}, {self._named} {whose}: {one}" for one in wrong]
        return [*said, *self._told_apart(heard)]

    @property
    def _named(self) -> str:
        return self.place.name if self.place else "nothing else"

    async def _ask(self, asking: Asking, whose: str, outcome: Outcome) -> tuple[Asked, Answer]:
        """What is right to do is rehearsed: so all stays as it is for whoever asks next."""
        if self.place:
            asked = asking.about(self.caller, self.place, whose)
        else:
            asked = asking.plain(self.caller, self.operation)
        if self._rehearsable and outcome[0] < 300:
            asked.headers.update(REHEARSED)
        return asked, await send(asking.world.app, asking.world.callers[self.caller].key, asked)

    @property
    def _rehearsable(self) -> bool:
        said = DOCUMENT["paths"][self.operation.path][self.operation.method.lower()]
        return DRY_RUN in said.get("parameters", ())

    def _told_apart(self, heard: dict[str, tuple[Asked, Answer]]) -> Iterator[str]:
        """What is another's must look as if it were nobody's."""
        if self.place is None:
            return
        asked, missed = heard["unknown"]
        for whose in ("other_unit", "other_tenant"):
            if self._is_hidden(whose):
                foreign, found = heard[whose]
                if found.alike(foreign) != missed.alike(asked):
                    yield f"{self.caller}, {self._named}: {whose} is told apart from unknown"

    def _is_hidden(self, whose: str) -> bool:
        assert self.place
        outcomes = [
            expected(self.caller, self.operation, self.place, one) for one in (whose, "unknown")
        ]
        if self._rehearsable and FINE in outcomes:
            return False
        return not sees(self.caller, noun_of(self.place), whose) and outcomes[0] == outcomes[1]


def cases(operation: Operation) -> Iterator[Case]:
    for caller in CALLERS:
        for place in (None, *PLACES[operation.id]):
            yield Case(operation, caller, place)


def _unlike(outcome: Outcome, answer: Answer) -> Iterator[str]:
    status, code = outcome
    fine = answer.status in (200, 201, 202, 204) if outcome == FINE else answer.status == status
    if not fine or answer.code != code:
        yield f"{answer.status} {answer.code} instead of {status} {code}"


def _leaked(caller: Caller, asked: Asked, answer: Answer) -> Iterator[str]:
    """But for what the caller has sent himself."""
    told, said = answer.told, asked.said
    if ids := (hexadecimals(told) & caller.hidden) - hexadecimals(said):
        yield f"told of {sorted(ids)}"
    yield from (f"told {mark!r}" for mark in caller.markers if mark in told and mark not in said)
