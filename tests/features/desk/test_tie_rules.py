"""What tickets have to do with one another, whatever they are like."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from crm_api.features.desk.macros.rules import KNOWN, asked, filled, unknown
from crm_api.features.desk.terms.schemas import LinkKind
from crm_api.features.desk.ties.rules import JOINED, OPPOSITE, absorbed, linked, unlinked

Json = dict[str, Any]
ONE, TWO = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
times = st.none() | st.integers(0, 9).map(lambda minutes: NOON + timedelta(minutes=minutes))
tickets = st.fixed_dictionaries(
    {
        **dict.fromkeys(JOINED, st.lists(st.sampled_from("abcdef"), unique=True)),
        "requester_id": st.sampled_from([ONE, TWO]),
        "assignee_id": st.sampled_from([None, ONE, TWO]),
        "merged_count": st.integers(0, 5),
        "message_count": st.integers(0, 9),
        "last_customer_message_at": times,
        "last_agent_message_at": times,
    }
)
links = st.lists(st.tuples(st.integers(1, 5).map(lambda n: UUID(int=n)), st.sampled_from(LinkKind)))


@given(tickets, tickets)
def test_nothing_of_two_tickets_is_lost(gone: Json, kept: Json) -> None:
    now = {**kept, **absorbed(gone, kept)}
    for name in JOINED:
        assert set(now[name]) >= {*gone[name], *kept[name]}
        assert now[name][: len(kept[name])] == kept[name]
        assert len(set(now[name])) == len(now[name])
    assert now["message_count"] == gone["message_count"] + kept["message_count"]
    assert now["merged_count"] > kept["merged_count"]
    assert now["requester_id"] == kept["requester_id"]


@given(tickets, tickets)
def test_what_is_not_answered_is_asked_of_the_one_that_goes_on(gone: Json, kept: Json) -> None:
    now = {**kept, **absorbed(gone, kept)}
    assert now["last_agent_message_at"] == kept["last_agent_message_at"]
    told, answered = gone["last_customer_message_at"], gone["last_agent_message_at"]
    before = kept["last_customer_message_at"]
    waits = told is not None and (answered is None or answered < told)
    newer = told is not None and (before is None or before < told)
    assert now["last_customer_message_at"] == (told if waits and newer else before)


@given(links)
def test_what_is_linked_is_there_once_and_unlinked_gone(made: list[tuple[UUID, LinkKind]]) -> None:
    ticket: Json = {"links": []}
    for other, kind in made:
        ticket = {"links": linked(ticket, other, kind)}
    assert len(ticket["links"]) == len(set(made))
    for other, kind in made:
        ticket = {"links": unlinked(ticket, other, kind)}
    assert ticket["links"] == []


def test_there_and_back_each_kind_is_itself() -> None:
    assert set(OPPOSITE) == set(LinkKind)
    assert all(OPPOSITE[OPPOSITE[kind]] is kind for kind in LinkKind)


@given(st.lists(st.sampled_from([*KNOWN, "x"]) | st.text(max_size=5)), st.text(max_size=9))
def test_a_text_is_filled_in_where_it_asks(parts: list[str], value: str) -> None:
    text = "".join(f"{{{{ {part} }}}}" if part in KNOWN else part for part in parts)
    if unknown(text):
        return
    done = filled(text, dict.fromkeys(KNOWN, value))
    assert not asked(text) or value in done
    assert asked(text) or done == text
