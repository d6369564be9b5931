"""What the clocks of one ticket say, in the words of those who complained about other desks."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from crm_api.features.desk.clock_facts.rules import FactKind, facts
from crm_api.features.desk.clocks.rules import (
    Ruled,
    begin,
    due_at,
    follow,
    next_moment,
    pass_time,
    simulate,
)
from crm_api.features.desk.happenings.rules import Clocks, agent_replied, customer_wrote, moved
from crm_api.features.desk.spans.rules import AroundTheClock, counted, pieces
from crm_api.features.desk.terms.rules import ClockKind, ClockState, StepAction, TicketCategory
from crm_api.features.desk.ticking.rules import Clock, Step, Terms
from crm_api.platform.calendars.public_days import public_days
from crm_api.platform.calendars.rules import Exception_, Hours

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = ((9 * 60, 12 * 60), (13 * 60, 18 * 60))
HOURS = Hours(SHANGHAI, (OFFICE,) * 5 + ((),) * 2, OFFICE, {}, public_days("CN", None))
FIRST, NEXT, SOLVED = ClockKind
HOUR = timedelta(hours=1)
HALF = Step(StepAction.raise_priority, 50, None)
WARNING = Step(StepAction.notify, None, -15)


def at(day: int, hour: int, minute: int = 0, month: int = 2) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def agreed(first: int = 2, next: int = 4, solved: int = 16, *steps: Step) -> Terms:
    targets = {FIRST: first * 3600, NEXT: next * 3600, SOLVED: solved * 3600}
    return Terms(targets=targets, steps=dict.fromkeys(ClockKind, steps))


OFFICE_HOURS = Ruled(agreed(), HOURS)
DAY_AND_NIGHT = Ruled(agreed(), AroundTheClock())


def clock(clocks: Clocks, kind: ClockKind) -> Clock:
    found = clocks.of(kind)
    assert found
    return found


def test_lunch_does_not_count() -> None:
    clocks = begin(at(10, 11), OFFICE_HOURS)
    assert clock(clocks, FIRST).due_at == at(10, 14)


def test_a_holiday_does_not_count_and_the_saturday_that_makes_up_for_it_does() -> None:
    clocks = begin(at(13, 17), OFFICE_HOURS)  # the Friday before the Spring Festival
    assert clock(clocks, FIRST).due_at == at(14, 10)
    assert clock(clocks, SOLVED).due_at == at(24, 17)


def test_no_minute_is_lost_at_midnight() -> None:
    clocks = begin(at(10, 23, 59), DAY_AND_NIGHT)
    for minute in range(60):
        clocks = pass_time(clocks, at(11, 0, minute))
    assert clock(clocks, FIRST).due_at == at(11, 1, 59)


def test_an_answer_at_the_instant_itself_is_late_and_one_before_is_not() -> None:
    clocks = begin(at(10, 10), DAY_AND_NIGHT)
    late = follow(clocks, [agent_replied], at(10, 12), DAY_AND_NIGHT)
    early = follow(clocks, [agent_replied], at(10, 12) - timedelta(milliseconds=1), DAY_AND_NIGHT)
    assert clock(late, FIRST).state is ClockState.met_late
    assert clock(early, FIRST).state is ClockState.met


def test_nothing_is_due_while_the_customer_is_to_answer() -> None:
    clocks = begin(at(10, 10), DAY_AND_NIGHT)
    waiting = moved(TicketCategory.waiting_customer)
    clocks = follow(clocks, [agent_replied, waiting], at(10, 11), DAY_AND_NIGHT)
    assert (due_at(clocks), next_moment(clocks)) == (None, None)
    clocks = follow(pass_time(clocks, at(20, 10)), [], at(20, 10), DAY_AND_NIGHT)
    assert clock(clocks, SOLVED).state is ClockState.paused
    clocks = follow(clocks, [customer_wrote, moved(TicketCategory.open)], at(20, 10), DAY_AND_NIGHT)
    assert clock(clocks, SOLVED).due_at == at(20, 10) + 15 * HOUR
    assert clock(clocks, NEXT).due_at == at(20, 14)


def test_of_several_messages_the_first_is_to_be_answered_in_time() -> None:
    clocks = begin(at(10, 10), DAY_AND_NIGHT)
    clocks = follow(clocks, [customer_wrote], at(10, 10, 30), DAY_AND_NIGHT)
    assert clocks.of(NEXT) is None
    clocks = follow(clocks, [agent_replied], at(10, 11), DAY_AND_NIGHT)
    for minute in (0, 20, 40):
        clocks = follow(clocks, [customer_wrote], at(10, 12, minute), DAY_AND_NIGHT)
    assert clock(clocks, NEXT).due_at == at(10, 16)
    clocks = follow(clocks, [agent_replied], at(10, 13), DAY_AND_NIGHT)
    clocks = follow(clocks, [customer_wrote], at(10, 14), DAY_AND_NIGHT)
    assert (clock(clocks, NEXT).number, clock(clocks, NEXT).due_at) == (2, at(10, 18))


def test_an_answer_keeps_a_step_from_being_taken() -> None:
    ruled = Ruled(agreed(2, 4, 16, HALF, WARNING), AroundTheClock())
    clocks = follow(begin(at(10, 10), ruled), [agent_replied], at(10, 10, 59), ruled)
    assert not any(step.told for step in clock(pass_time(clocks, at(12, 10)), FIRST).steps)


def test_a_step_is_taken_once_even_if_it_makes_the_time_shorter() -> None:
    ruled = Ruled(agreed(2, 4, 16, HALF), AroundTheClock())
    before = begin(at(10, 10), ruled)
    assert next_moment(before) == at(10, 11)
    after = pass_time(before, at(10, 11))
    told = facts(before.all, after.all, at(10, 11))
    assert [(fact.kind, fact.details["action"]) for fact in told] == [
        (FactKind.escalated, "raise_priority")
    ]
    urgent = Ruled(agreed(1, 4, 16, HALF), AroundTheClock())
    raised = follow(after, [], at(10, 11), urgent)
    assert [fact.kind for fact in facts(after.all, raised.all, at(10, 11))] == [
        FactKind.breached,
        FactKind.due_moved,
    ]


def test_a_step_is_taken_once_even_if_there_is_more_time_afterwards() -> None:
    ruled = Ruled(agreed(2, 4, 16, HALF), AroundTheClock())
    after = pass_time(begin(at(10, 10), ruled), at(10, 11))
    looser = Ruled(agreed(4, 4, 16, HALF), AroundTheClock())
    longer = follow(after, [], at(10, 11), looser)
    assert next_moment(longer) == at(10, 14)
    later = pass_time(longer, at(10, 13))
    assert facts(after.all, later.all, at(10, 13))[0].kind is FactKind.due_moved
    assert facts(longer.all, later.all, at(10, 13)) == []


def test_a_policy_that_leaves_less_time_breaches_at_once_and_as_of_when_it_was_due() -> None:
    clocks = begin(at(10, 10), DAY_AND_NIGHT)
    stricter = Ruled(agreed(1), AroundTheClock())
    clocks = follow(clocks, [], at(10, 11, 30), stricter)
    assert clock(clocks, FIRST).breached_at == at(10, 11)


def test_what_is_breached_or_met_stays_as_it_is_under_another_policy() -> None:
    clocks = begin(at(10, 10), DAY_AND_NIGHT)
    clocks = follow(clocks, [agent_replied], at(10, 11), DAY_AND_NIGHT)
    clocks = pass_time(clocks, at(12, 10))
    looser = Ruled(agreed(200, 200, 200), HOURS)
    assert follow(clocks, [], at(12, 10), looser).all == clocks.all


def test_another_calendar_counts_anew_what_has_gone_by_so_far() -> None:
    clocks = begin(at(10, 8), DAY_AND_NIGHT)
    clocks = follow(clocks, [], at(10, 9, 30), OFFICE_HOURS)
    assert clock(clocks, FIRST).due_at == at(10, 11)
    closed = {date(2026, 2, 10): Exception_((), "Stocktaking")}
    shut = Hours(SHANGHAI, HOURS.week, OFFICE, closed, public_days("CN", None))
    clocks = follow(clocks, [], at(10, 10, 30), Ruled(agreed(), shut))
    assert clock(clocks, FIRST).due_at == at(11, 11)


def test_reopening_goes_on_from_what_was_used_and_breaches_once() -> None:
    clocks = begin(at(10, 10), DAY_AND_NIGHT)
    clocks = follow(clocks, [moved(TicketCategory.resolved)], at(10, 20), DAY_AND_NIGHT)
    assert [one.state for one in clocks.all] == [ClockState.breached, ClockState.met]
    clocks = follow(clocks, [moved(TicketCategory.open)], at(11, 10), DAY_AND_NIGHT)
    assert clock(clocks, SOLVED).due_at == at(11, 16)
    late = follow(clocks, [moved(TicketCategory.resolved)], at(11, 17), DAY_AND_NIGHT)
    assert clock(late, SOLVED).state is ClockState.met_late
    told = facts(clocks.all, late.all, at(11, 17))
    assert [fact.kind for fact in told] == [
        FactKind.breached,
        FactKind.cancelled,
        FactKind.met_late,
    ]


def test_what_is_closed_as_no_work_was_not_solved() -> None:
    clocks = begin(at(10, 10), DAY_AND_NIGHT)
    spam = moved(TicketCategory.closed, fulfilled=False)
    clocks = follow(clocks, [spam], at(10, 11), DAY_AND_NIGHT)
    assert {one.state for one in clocks.all} == {ClockState.cancelled}
    assert follow(clocks, [customer_wrote, agent_replied], at(20, 10), DAY_AND_NIGHT) == clocks


def test_work_that_waited_for_its_turn_is_not_done_before_what_it_waited_for() -> None:
    clocks = begin(at(10, 10), DAY_AND_NIGHT)
    clocks = follow(clocks, [agent_replied], at(10, 11), DAY_AND_NIGHT)
    clocks = follow(clocks, [moved(TicketCategory.resolved)], at(10, 10, 59), DAY_AND_NIGHT)
    assert clock(clocks, SOLVED).met_at == at(10, 11)


def test_a_policy_is_tried_on_what_has_happened_before() -> None:
    history = [
        (at(10, 11), agent_replied),
        (at(10, 13), customer_wrote),
        (at(10, 19), agent_replied),
        (at(10, 20), moved(TicketCategory.resolved)),
    ]
    clocks = simulate(history, at(10, 10), at(28, 10), DAY_AND_NIGHT)
    assert {one.kind: one.state for one in clocks.all} == {
        FIRST: ClockState.met,
        NEXT: ClockState.met_late,
        SOLVED: ClockState.met,
    }


def test_a_due_time_is_explained_by_lunch_pauses_and_holidays() -> None:
    clocks = begin(at(13, 11), OFFICE_HOURS)
    wait = moved(TicketCategory.waiting_customer)
    clocks = follow(clocks, [wait], at(13, 14), OFFICE_HOURS)
    clocks = follow(clocks, [moved(TicketCategory.open)], at(13, 17, 30), OFFICE_HOURS)
    solved = clock(clocks, SOLVED)
    assert solved.due_at
    told = pieces(solved.stretches, solved.started_at, solved.due_at, HOURS)
    assert [(one.kind.value, one.because, one.begin, one.end) for one in told][:6] == [
        ("counted", "week", at(13, 11), at(13, 12)),
        ("closed", "week", at(13, 12), at(13, 13)),
        ("counted", "week", at(13, 13), at(13, 14)),
        ("paused", None, at(13, 14), at(13, 17, 30)),
        ("counted", "week", at(13, 17, 30), at(13, 18)),
        ("closed", "week", at(13, 18), at(14, 0)),
    ]
    assert ("counted", "make_up_workday") in {(one.kind.value, one.because) for one in told}
    assert any(one.because == "public_holiday" and one.name for one in told)
    spent = sum((one.end - one.begin for one in told if one.kind == "counted"), timedelta())
    assert spent == 16 * HOUR


def test_an_explanation_leaves_no_gap() -> None:
    chance = random.Random(1)
    for _ in range(200):
        start = at(1, 0) + timedelta(minutes=chance.randrange(60 * 24 * 90))
        instants = sorted(start + timedelta(minutes=chance.randrange(9000)) for _ in range(5))
        one, two, three, four, end = instants
        stretches = (
            ((one, two), (three, four)) if chance.random() < 0.5 else ((one, two), (three, None))
        )
        told = pieces(stretches, start, end, HOURS)
        edges = [(piece.begin, piece.end) for piece in told]
        assert [begin for begin, _ in edges] == [start, *(stop for _, stop in edges)][:-1]
        assert not edges or edges[-1][1] == end
        spent = sum(
            (piece.end - piece.begin for piece in told if piece.kind == "counted"), timedelta()
        )
        assert spent == counted(stretches, end, HOURS)
