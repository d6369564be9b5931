"""The clocks of tickets equal those of somebody who looks every quarter of an hour.

CRM_CLOCK_HISTORIES: how many random histories are tried, CRM_CLOCK_SEED: from which on.
"""

import os
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from crm_api.features.desk.clock_facts.rules import Fact, FactKind, facts
from crm_api.features.desk.clocks.rules import Ruled, begin, due_at, follow, next_moment, pass_time
from crm_api.features.desk.happenings.rules import (
    Clocks,
    Happening,
    agent_replied,
    customer_wrote,
    moved,
)
from crm_api.features.desk.spans.rules import AroundTheClock, Stretch, Time
from crm_api.features.desk.terms.rules import ClockKind, StepAction, TicketCategory
from crm_api.features.desk.ticking.rules import Step, Terms
from crm_api.platform.calendars.public_days import OfNoCountry, public_days
from crm_api.platform.calendars.rules import Exception_, Hours

from .clock_model import QUARTER, Agreed, Office, Watcher, grid, instant

HISTORIES = int(os.environ.get("CRM_CLOCK_HISTORIES", "200"))
SEED = int(os.environ.get("CRM_CLOCK_SEED", "0"))
ENDS = (FactKind.paused, FactKind.met, FactKind.met_late, FactKind.cancelled)
Minutes = tuple[tuple[int, int], ...]
DAY_HOURS: Minutes = ((9 * 60, 12 * 60), (13 * 60, 18 * 60))
LATE: Minutes = ((0, 2 * 60), (22 * 60, 24 * 60))
FREE: Minutes = ()
WORKDAYS = (DAY_HOURS,) * 5 + (FREE,) * 2
SPRING_FESTIVAL = tuple((date(2026, 2, day), FREE) for day in range(15, 24))
MADE_UP = ((date(2026, 2, 14), DAY_HOURS), (date(2026, 2, 28), DAY_HOURS))
PLACES: list[tuple[Office | None, Time, datetime]] = []
"""Offices, the same hours for the rules, and when something turns there."""


def _hours(office: Office, country: str | None) -> Hours:
    public = public_days(country, None) if country else OfNoCountry()
    said = {} if country else {on: Exception_(hours, None) for on, hours in office.other}
    return Hours(ZoneInfo(office.zone), office.week, DAY_HOURS, said, public)


def _place(office: Office, turn: datetime, country: str | None = None) -> None:
    PLACES.append((office, _hours(office, country), turn))


PLACES.append((None, AroundTheClock(), datetime(2026, 2, 12, tzinfo=UTC)))
_place(
    Office("Asia/Shanghai", WORKDAYS, (*SPRING_FESTIVAL, *MADE_UP)),
    datetime(2026, 2, 13, tzinfo=UTC),
    "CN",
)
_place(Office("Europe/Berlin", (LATE,) * 7), datetime(2026, 3, 28, 12, tzinfo=UTC))
_place(
    Office("America/New_York", (((0, 24 * 60),),) * 7, ((date(2026, 3, 9), FREE),)),
    datetime(2026, 3, 7, 12, tzinfo=UTC),
)
_place(Office("Asia/Kathmandu", WORKDAYS), datetime(2026, 6, 5, tzinfo=UTC))


@dataclass
class Told:
    """The rules, asked as a service would ask them, and all that they have told."""

    start: datetime
    ruled: Ruled
    clocks: Clocks = field(init=False)
    facts: list[Fact] = field(default_factory=list)
    ended: dict[tuple[ClockKind, int], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.take(begin(self.start, self.ruled), Clocks(TicketCategory.open, False, ()), self.start)

    def do(self, at: datetime, *deeds: Happening) -> None:
        self.take(follow(self.clocks, deeds, at, self.ruled), self.clocks, at)

    def look(self, at: datetime) -> None:
        self.take(pass_time(self.clocks, at), self.clocks, at)

    def take(self, after: Clocks, before: Clocks, at: datetime) -> None:
        self.facts += facts(before.all, after.all, at)
        self.clocks = after


def _agreed(chance: random.Random, place: int) -> tuple[Agreed, Ruled]:
    office, time, _ = PLACES[place]
    kinds = [kind for kind in ClockKind if chance.random() < 0.85]
    targets = {kind.value: chance.choice((4, 8, 16, 32, 64, 96)) for kind in kinds}
    waiting = [TicketCategory.waiting_customer, TicketCategory.waiting_third_party]
    pauses = frozenset(one for one in waiting if chance.random() < 0.6)
    steps = {kind.value: _steps(chance) for kind in kinds}
    agreed = Agreed(targets, frozenset(one.value for one in pauses), steps, office)
    return agreed, Ruled(_terms(agreed, pauses), time)


def _steps(chance: random.Random) -> tuple[tuple[int | None, int | None], ...]:
    known = [(25, None), (50, None), (75, None), (100, None), (150, None), (None, -4), (None, 2)]
    return tuple(chance.sample(known, chance.randint(0, 3)))


def _terms(agreed: Agreed, pauses: frozenset[TicketCategory]) -> Terms:
    def step(percent: int | None, quarters: int | None) -> Step:
        return Step(StepAction.notify, percent, quarters and quarters * 15)

    return Terms(
        policy_id=uuid4(),
        policy_version=1,
        targets={ClockKind(kind): 900 * quarters for kind, quarters in agreed.targets.items()},
        pauses_on=pauses,
        steps={
            ClockKind(kind): tuple(step(*s) for s in some) for kind, some in agreed.steps.items()
        },
    )


def _happens(chance: random.Random, told: Told, model: Watcher, places: list[int]) -> None:
    at = told.start + model.now * QUARTER
    match chance.choices(range(6), (5, 5, 6, 2, 2, 1))[0]:
        case 0:
            told.do(at, customer_wrote)
            model.wrote()
        case 1:
            told.do(at, agent_replied)
            model.replied()
        case 2 | 5:
            _moves(chance, told, model, at)
        case 3:
            agreed, told.ruled = _agreed(chance, chance.choice(places))
            told.do(at)
            model.agreed_anew(agreed)
        case 4:
            told.look(at)


def _moves(chance: random.Random, told: Told, model: Watcher, at: datetime) -> None:
    to = chance.choices(list(TicketCategory), (4, 3, 2, 2, 0.4))[0]
    if model.category == "closed":
        return
    fulfilled = chance.random() < 0.8
    told.do(at, moved(to, fulfilled=fulfilled))
    model.moved(to.value, fulfilled=fulfilled)


def _agree(told: Told, model: Watcher) -> None:
    now = told.start + model.now * QUARTER
    seen = pass_time(told.clocks, now)
    for need in model.needs:
        clock = seen.of(ClockKind(need.kind))
        assert clock is not None
        if clock.number != need.number:
            continue
        assert clock.state.value == model.state(need)
        assert clock.breached_at == instant(told.start, need.breached)
        assert clock.met_at == instant(told.start, need.met)
        if clock.open:
            assert clock.due_at == instant(told.start, model.due(need))
        said = {(s.at_percent, s.at_minutes and s.at_minutes // 15) for s in clock.steps if s.told}
        assert said == need.told
    _agree_on_what_is_due(seen, model, told.start)


def _agree_on_what_is_due(seen: Clocks, model: Watcher, start: datetime) -> None:
    waits = (need for need in model.needs if need.open and need.breached is None)
    dues = [due for due in map(model.due, waits) if due is not None]
    assert due_at(seen) == instant(start, min(dues, default=None))
    later = next_moment(seen)
    assert later is None or later > start + model.now * QUARTER


def test_clocks_are_those_of_somebody_who_counts_quarters() -> None:
    kinds: Counter[FactKind] = Counter()
    for seed in range(SEED, SEED + HISTORIES):
        try:
            kinds.update(_live(random.Random(seed)))
        except AssertionError as error:
            error.add_note(f"CRM_CLOCK_SEED={seed} CRM_CLOCK_HISTORIES=1")
            raise
    assert HISTORIES < 50 or set(kinds) == set(FactKind)


def _live(chance: random.Random) -> list[FactKind]:
    place = chance.randrange(len(PLACES))
    places = [place, chance.choice((0, place))]
    start = PLACES[place][2] + chance.randrange(96) * QUARTER
    agreed, ruled = _agreed(chance, place)
    told, model = Told(start, ruled), Watcher(start, agreed)
    for _ in range(chance.randint(1, 25)):
        model.go_to(model.now + chance.choice((0, 0, 1, 2, 4, 8, 16, 40)))
        _happens(chance, told, model, places)
        _agree(told, model)
    model.go_to(model.now + 200)
    told.look(start + model.now * QUARTER)
    _agree(told, model)
    breaches = [fact for fact in told.facts if fact.kind is FactKind.breached]
    assert sorted(_said(fact) for fact in breaches) == sorted(
        (kind, number, instant(start, due)) for kind, number, due in model.breaches
    )
    assert len({_said(fact)[:2] for fact in breaches}) == len(breaches)
    for clock in told.clocks.all:
        assert _ran(told.facts, clock.kind, clock.number) == list(clock.stretches)
    return [fact.kind for fact in told.facts]


def _ran(told: list[Fact], kind: ClockKind, number: int) -> list[Stretch]:
    """When a clock ran, from nothing but what was told of it."""
    ran: list[tuple[datetime, datetime | None]] = []
    for fact in told:
        if (fact.clock.kind, fact.clock.number) != (kind, number):
            continue
        last = ran[-1] if ran else None
        if fact.kind in (FactKind.begun, FactKind.resumed):
            ran[-1:] = (
                [(last[0], None)] if last and last[1] == fact.at else [*ran[-1:], (fact.at, None)]
            )
        elif fact.kind in ENDS and last and last[1] is None:
            ran[-1:] = [(last[0], fact.at)] if last[0] < fact.at else []
    return ran


def _said(fact: Fact) -> tuple[str, int, datetime | None]:
    return fact.clock.kind.value, fact.clock.number, fact.at


def test_the_offices_of_both_work_at_the_same_time() -> None:
    for office, time, turn in PLACES:
        worked = grid(office, turn)
        for quarter in range(96 * 14):
            at = turn + quarter * QUARTER
            assert time.elapsed(at, at + QUARTER) == worked[quarter] * QUARTER
