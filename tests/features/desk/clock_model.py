"""What becomes of a ticket's clocks, found out by somebody who looks every quarter of an hour.

He keeps a list of the quarters in which a clock ran and counts them anew whenever he is asked. He
shares nothing with the rules but the words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
HORIZON = 96 * 40


class Office(NamedTuple):
    """Hours by the clock on the wall; `other` are dates that are not as the week has them."""

    zone: str
    week: tuple[tuple[tuple[int, int], ...], ...]
    other: tuple[tuple[date, tuple[tuple[int, int], ...]], ...] = ()

    def works(self, at: datetime) -> bool:
        wall = at.astimezone(ZoneInfo(self.zone))
        hours = dict(self.other).get(wall.date(), self.week[wall.weekday()])
        return any(opens <= wall.hour * 60 + wall.minute < closes for opens, closes in hours)


@lru_cache(64)
def grid(office: Office | None, start: datetime) -> Sequence[bool]:
    """Whether each quarter is worked."""
    if office is None:
        return [True] * HORIZON
    return [office.works(start + n * QUARTER) for n in range(HORIZON)]


class Agreed(NamedTuple):
    """A policy, for one priority: targets in quarters, steps as (percent, quarters from due)."""

    targets: dict[str, int]
    pauses_on: frozenset[str]
    steps: dict[str, tuple[tuple[int | None, int | None], ...]]
    office: Office | None


@dataclass
class Need:
    """What somebody waits for."""

    kind: str
    number: int
    ran: list[int] = field(default_factory=list)
    worked: int = 0
    target: int | None = None
    steps: tuple[tuple[int | None, int | None], ...] = ()
    told: set[tuple[int | None, int | None]] = field(default_factory=set)
    met: int | None = None
    dropped: int | None = None
    breached: int | None = None

    @property
    def open(self) -> bool:
        return self.met is None and self.dropped is None


class Watcher:
    """`breaches` are all that he has called out."""

    def __init__(self, start: datetime, agreed: Agreed) -> None:
        self.start, self.agreed = start, agreed
        self.now, self.category, self.answered = 0, "open", False
        self.needs = [Need("first_response", 1), Need("resolution", 1)]
        self.breaches: list[tuple[str, int, int]] = []
        self.look()

    def go_to(self, until: int) -> None:
        while self.now < until:
            worked = grid(self.agreed.office, self.start)[self.now]
            running = [need for need in self.needs if need.open and self.counting()]
            for need in running:
                need.ran.append(self.now)
            self.now += 1
            if worked:
                for need in running:
                    need.worked += 1
                    self.call_out(need, need.worked)

    def counting(self) -> bool:
        return self.category not in ("resolved", "closed", *self.agreed.pauses_on)

    def look(self) -> None:
        """After something has happened; all is counted anew, as there may be other hours."""
        for need in self.needs:
            if need.open and need.breached is None:
                need.target = self.agreed.targets.get(need.kind)
                need.steps = self.agreed.steps.get(need.kind, ())
                need.told &= set(need.steps)
            need.worked = sum(grid(self.agreed.office, self.start)[n] for n in need.ran)
            if need.open and (need.ran or self.counting()):
                self.call_out(need, need.worked)

    def call_out(self, need: Need, worked: int) -> None:
        if need.target is None:
            return
        if need.breached is None and worked >= need.target:
            need.breached = self.when(need.target, need.ran)
            assert need.breached is not None
            self.breaches.append((need.kind, need.number, need.breached))
        need.told |= {step for step in need.steps if worked >= self.quarters(step, need.target)}

    def quarters(self, step: tuple[int | None, int | None], target: int) -> int:
        percent, later = step
        if percent is not None:
            assert target * percent % 100 == 0
            return target * percent // 100
        return target + (later or 0)

    def when(self, much: int, ran: Iterable[int]) -> int | None:
        """The end of the quarter in which so many worked ones have gone by."""
        worked, so_far = grid(self.agreed.office, self.start), 0
        for quarter in ran:
            so_far += worked[quarter]
            if so_far >= much:
                return quarter + 1
        return None

    def due(self, need: Need) -> int | None:
        """As far as he can see."""
        if need.breached is not None:
            return need.breached
        if need.target is None:
            return None
        ahead = range(self.now, HORIZON) if need.open and self.counting() else ()
        return self.when(need.target, chain(need.ran, ahead))

    def state(self, need: Need) -> str:
        if need.met is not None:
            return "met" if need.breached is None else "met_late"
        if need.breached is not None:
            return "breached"
        if need.dropped is not None:
            return "cancelled"
        return "running" if self.counting() else "paused"

    # What happens.

    def wrote(self) -> None:
        waits = any(n.kind == "next_response" and n.met is None for n in self.needs)
        if self.answered and not waits and self.category != "closed":
            asked = [n for n in self.needs if n.kind == "next_response"]
            self.needs.append(Need("next_response", len(asked) + 1))
        self.look()

    def replied(self) -> None:
        if self.category != "closed":
            self.answered = True
            for need in self.needs:
                if need.kind != "resolution" and need.met is None:
                    need.met, need.dropped = self.now, None
        self.look()

    def moved(self, to: str, *, fulfilled: bool = True) -> None:
        done = ("resolved", "closed")
        if to in done and self.category not in done:
            self.give_up(fulfilled)
        if to not in done and self.category in done:
            for need in self.needs:
                need.dropped = None
                need.met = None if need.kind == "resolution" else need.met
        self.category = to
        self.look()

    def give_up(self, fulfilled: bool) -> None:
        for need in filter(lambda need: need.open, self.needs):
            if need.kind == "resolution" and fulfilled:
                need.met = self.now
            else:
                need.dropped = self.now

    def agreed_anew(self, agreed: Agreed) -> None:
        self.agreed = agreed
        self.look()


def instant(start: datetime, quarter: int | None) -> datetime | None:
    return None if quarter is None else start + quarter * QUARTER
