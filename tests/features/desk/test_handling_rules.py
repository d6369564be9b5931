"""Whatever is done with a ticket, what it says of itself fits."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.features.desk.handling import rules
from crm_api.features.desk.handling.errors import TooLateToReopen
from crm_api.features.desk.messages.rules import answered, goes_on_elsewhere, heard
from crm_api.features.desk.terms.schemas import HANDLED, WAITING, TicketCategory
from crm_api.features.desk.tickets.rules import NEW
from crm_api.kit.errors import InvalidTransition

BEGUN = datetime(2026, 11, 27, tzinfo=UTC)
Ticket = dict[str, Any]
steps = st.lists(
    st.tuples(st.sampled_from([*TicketCategory, "reply", "hear"]), st.integers(1, 20 * 24)),
    max_size=20,
)


def done(ticket: Ticket, step: str, now: datetime) -> Ticket:
    if step == "reply":
        return answered(ticket, now)
    if step == "hear":
        return heard(ticket, now)
    return rules.moved(ticket, TicketCategory(step), now)


@given(steps)
def test_a_ticket_says_of_itself_what_fits(steps: list[tuple[str, int]]) -> None:
    """Held against what was done, step by step, and against the states that may follow."""
    ticket: Ticket = dict(NEW)
    now, reopened, first = BEGUN, 0, None
    for step, hours in steps:
        now += timedelta(hours=hours)
        before = ticket["category"]
        try:
            ticket |= done(ticket, step, now)
        except InvalidTransition:
            assert step not in HANDLED.after(before)
            continue
        reopened += (before, step) == ("resolved", "open")
        first = now if first is None and step == "reply" else first
        assert ticket["first_replied_at"] == first
        assert ticket["reopened_count"] == reopened
        assert (ticket["category"] == "closed") == (ticket["closed_at"] is not None)
        assert ticket["category"] != "resolved" or ticket["resolved_at"] is not None
        assert ticket["category"] not in ("open", *WAITING) or ticket["resolved_at"] is None
    said = [step for step, _ in steps if step in ("reply", "hear")]
    assert ticket["message_count"] == len(said)


@given(st.integers(0, 365), st.integers(0, 400 * 24))
def test_what_is_opened_again_is_not_followed_by_another(days: int, hours: int) -> None:
    """At the very end of the days it still is."""
    resolved: Ticket = {**NEW, **rules.moved(NEW, TicketCategory.resolved, BEGUN)}
    now = BEGUN + timedelta(hours=hours)
    in_time = hours <= 24 * days
    assert goes_on_elsewhere(resolved, days, now) is not in_time
    if in_time:
        rules.check_reopenable(resolved, days, now)
    else:
        with pytest.raises(TooLateToReopen):
            rules.check_reopenable(resolved, days, now)
