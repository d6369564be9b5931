"""Merging while others write: nothing is lost, and of two merges that exclude each other one is
made."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from itertools import permutations
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from asyncpg import Connection as Line
from httpx import Response

from crm_api.kit.embedded import OWNER, EmbeddedServer
from tests.features.test_customers import refused

from .asking import Desk, Json
from .test_messages import said

Deed = Coroutine[Any, Any, Any]
ROUNDS = 6
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
LOCKED = "SELECT id FROM tickets WHERE id = ANY(ARRAY[$1::uuid]) FOR NO KEY UPDATE"
ENDED = (
    "UPDATE tickets SET category = 'closed', close_reason = 'merged', closed_at = updated_at, "
    "merged_into_id = $2 WHERE id = $1"
)


async def all_at_once(*deeds: Deed) -> list[Any]:
    return list(await asyncio.gather(*deeds))


async def written(asking: Desk, ticket: Json, texts: list[str]) -> list[Response]:
    """By turns what the customer writes, an answer and a note."""
    verbs = ("receive", "reply", "note")
    deeds = (asking.act(ticket, verbs[n % 3], text=text) for n, text in enumerate(texts))
    return await all_at_once(*deeds)


def named(ticket: Json, many: int) -> list[str]:
    return [f"{ticket['number']} {n}" for n in range(many)]


async def merge(asking: Desk, ticket: Json, into: Json) -> Response:
    return await asking.act(ticket, "merge", into_id=into["id"])


async def test_nothing_is_lost_of_what_is_written_to_both_while_they_are_merged(
    asking: Desk,
) -> None:
    for turn in range(ROUNDS):
        pair = [await asking.ticket(), await asking.ticket()]
        gone, kept = pair[:: -1 if turn % 2 else 1]
        texts = {id(one): named(one, 9) for one in pair}
        answers, _, done = await all_at_once(
            written(asking, gone, texts[id(gone)]),
            written(asking, kept, texts[id(kept)]),
            merge(asking, gone, kept),
        )
        assert done.status_code == 200, done.text
        assert {answer.status_code for answer in answers} == {201}
        found = await said(asking, kept)
        assert Counter(found) == Counter([*texts[id(gone)], *texts[id(kept)]])
        now = await asking.now(kept)
        assert (now["message_count"], now["merged_count"]) == (12, 1)
        assert now["last_customer_message_at"] is not None
        assert now["last_agent_message_at"] is not None
        places = {answer.json()["ticket_id"] for answer in answers}
        assert places <= {gone["id"], kept["id"]}


async def test_of_two_merges_in_opposite_ways_one_is_made(asking: Desk) -> None:
    for _ in range(ROUNDS):
        one, two = await asking.ticket(), await asking.ticket()
        texts = [*named(one, 3), *named(two, 3)]
        there, back, *answers = await all_at_once(
            merge(asking, one, two),
            merge(asking, two, one),
            *(written(asking, ticket, named(ticket, 3)) for ticket in (one, two)),
        )
        assert {answer.status_code for many in answers for answer in many} == {201}
        assert sorted((there.status_code, back.status_code)) == [200, 409]
        lost = next(answer for answer in (there, back) if answer.status_code == 409)
        refused(lost, 409, "merge-refused")
        kept = two if there.status_code == 200 else one
        assert Counter(await said(asking, kept)) == Counter(texts)


async def test_a_merge_that_is_asked_for_many_times_is_made_once(asking: Desk) -> None:
    gone, kept = await asking.ticket(), await asking.ticket()
    answers = await all_at_once(
        *(merge(asking, gone, kept) for _ in range(6)), written(asking, gone, named(gone, 6))
    )
    made = sorted(answer.status_code for answer in answers[:-1])
    assert made == [200, *[409] * 5]
    assert len(await said(asking, kept)) == 6
    assert (await asking.now(kept))["merged_count"] == 1


@pytest.mark.parametrize("way", list(permutations(range(3))))
async def test_of_tickets_that_are_merged_in_a_row_at_once_all_end_in_one_step(
    asking: Desk, way: tuple[int, ...]
) -> None:
    """Whichever merge comes first: where both are made, both name the last one."""
    tickets = [await asking.ticket() for _ in range(3)]
    one, two, three = (tickets[n] for n in way)
    first, second, *_ = await all_at_once(
        merge(asking, one, two),
        merge(asking, two, three),
        *(written(asking, ticket, named(ticket, 3)) for ticket in tickets),
    )
    assert second.status_code == 200, second.text
    assert first.status_code in (200, 409)
    ended = [two, *([one] if first.status_code == 200 else [])]
    for ticket in ended:
        assert (await asking.now(ticket))["merged_into_id"] == three["id"]
    standing = [three, *([one] if first.status_code == 409 else [])]
    found = [text for ticket in standing for text in await said(asking, ticket)]
    assert Counter(found) == Counter(text for ticket in tickets for text in named(ticket, 3))


async def test_of_many_tickets_that_all_are_merged_into_one_another_one_is_left(
    asking: Desk,
) -> None:
    """Everybody merges as he likes, again and again, while customers write: no loop, no lock that
    two wait for, no message lost."""
    tickets = [await asking.ticket() for _ in range(5)]
    pairs = list(permutations(tickets, 2))
    answers = await all_at_once(
        *(merge(asking, one, other) for one, other in pairs),
        *(written(asking, ticket, named(ticket, 4)) for ticket in tickets),
    )
    codes = Counter(answer.status_code for answer in answers[: len(pairs)])
    assert codes == {200: 4, 409: len(pairs) - 4}
    now = [await asking.now(ticket) for ticket in tickets]
    [left] = [ticket for ticket in now if ticket["merged_into_id"] is None]
    assert {one["merged_into_id"] for one in now if one is not left} == {left["id"]}
    assert left["merged_count"] == 4
    assert len(await said(asking, left)) == 20


async def test_of_two_that_split_off_the_same_message_one_has_it(asking: Desk) -> None:
    ticket = await asking.ticket()
    message = (await asking.act(ticket, "receive", text="And my invoice is wrong")).json()
    body = {"message_ids": [message["id"]], "subject": "The invoice"}
    answers = await all_at_once(*(asking.act(ticket, "split", **body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]
    assert len(await asking.found()) >= 2
    assert (await asking.now(ticket))["message_count"] == 0


@asynccontextmanager
async def somebody(server: EmbeddedServer, database: str) -> AsyncIterator["Line[Any]"]:
    connection = await asyncpg.connect(server.url(OWNER, database))
    try:
        yield connection
    finally:
        await connection.close()


async def until_waiting(admin: "Line[Any]", many: int) -> None:
    for _ in range(500):
        if await admin.fetchval(WAITING) >= many:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(many)


@pytest.mark.parametrize("verb", ["reply", "receive"])
async def test_who_goes_on_to_another_ticket_lets_the_merged_one_go(
    asking: Desk, server: EmbeddedServer, database: str, admin: "Line[Any]", verb: str
) -> None:
    """Somebody holds the one that goes on and wants the one that has just ended: whoever came to
    that one between them would else wait for him for ever."""
    kept, gone = await asking.ticket(), await asking.ticket()
    ids = [UUID(ticket["id"][4:]) for ticket in (gone, kept)]
    async with somebody(server, database) as one, somebody(server, database) as two:
        merging, wanting = one.transaction(), two.transaction()
        await merging.start()
        await one.execute(LOCKED, ids[0])
        written = asyncio.create_task(asking.act(gone, verb, text="It leaks"))
        await until_waiting(admin, 1)
        await wanting.start()
        await two.execute(LOCKED, ids[1])
        wants = asyncio.create_task(two.execute(LOCKED, ids[0]))
        await until_waiting(admin, 2)
        await one.execute(ENDED, *ids)
        await merging.commit()
        await asyncio.wait_for(wants, 5)
        await wanting.commit()
        answer = await written
    assert (answer.status_code, answer.json()["ticket_id"]) == (201, kept["id"])
