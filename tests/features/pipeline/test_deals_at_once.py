"""Several people work on one deal at the same moment."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import Response

from .conftest import Shop, Told
from .selling import act, acted, money, seen, stays, user

Json = dict[str, Any]
WHOLE = "SELECT bool_and(splits_hold(splits)) FROM deals"


def sorted_out(answers: Sequence[Response]) -> tuple[list[Json], list[Json]]:
    """The deals of who succeeded, and the problems of the others."""
    good = [answer.json() for answer in answers if answer.status_code == 200]
    late = [answer.json() for answer in answers if answer.status_code == 412]
    assert len(good) + len(late) == len(answers), [answer.text for answer in answers]
    return good, late


@pytest.mark.parametrize("people", [2, 10])
async def test_of_many_who_move_a_deal_at_once_one_succeeds(selling: Shop, people: int) -> None:
    client, ways = selling.client, ["needs", "proposal", "contract"]
    deal = await selling.deal()
    for turn in range(6):
        tried = [ways[(turn + n) % 3] for n in range(people)]
        if turn % 2:
            tried = [tried[0]] * people
        if deal["stage"] in tried:
            deal = await acted(client, deal, "move", stage="contact")
        answers = await asyncio.gather(*(act(client, deal, "move", stage=to) for to in tried))
        (moved,), late = sorted_out(answers)
        assert moved == await selling.now(deal)
        assert moved["version"] == deal["version"] + 1
        for problem in late:
            assert problem["current_version"] == moved["version"]
            changed = {one["pointer"]: one["theirs"] for one in problem["changed"]}
            assert changed["/stage"] == moved["stage"]
        deal = moved


async def test_a_deal_is_won_or_lost_and_never_both(selling: Shop, told: Told) -> None:
    client, ended = selling.client, set()
    for _ in range(10):
        deal = await selling.deal(amount=money("5"))
        answers = await asyncio.gather(
            act(client, deal, "win"),
            act(client, deal, "lose", reason="price"),
            act(client, deal, "move", stage="needs"),
        )
        (closed,), late = sorted_out(answers)
        assert len(late) == 2
        ended.add(closed["status"])
        assert await selling.now(deal) == closed
        ends = [one for one in await stays(client, deal) if one["kind"] != "open"]
        assert len(ends) == (closed["status"] != "open")
        assert len(await told(deal)) == 2


async def test_whoever_takes_the_deal_as_it_is_now_is_told_that_it_is_closed(
    selling: Shop,
) -> None:
    """With `If-Match: *` the state decides, and not the version."""
    client = selling.client
    for _ in range(6):
        deal = await selling.deal()
        place, now = f"/deals/{deal['id']}", {"If-Match": "*"}
        answers = await asyncio.gather(
            client.post(f"{place}/win", json={}, headers=now),
            client.post(f"{place}/lose", json={"reason": "price"}, headers=now),
            client.post(f"{place}/lose", json={"reason": "other"}, headers=now),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        assert [a.json()["code"] for a in answers if a.is_error] == ["invalid-transition"] * 2


async def test_no_move_is_lost(selling: Shop, told: Told) -> None:
    """Ten people move one deal again and again, each from what he has read last."""
    client, deal = selling.client, await selling.deal()
    done: list[Json] = []

    async def worker(n: int) -> None:
        for turn in range(5):
            now = await selling.now(deal)
            to = ["contact", "needs", "proposal", "contract"][(n + turn) % 4]
            answer = await act(client, now, "move", stage=to)
            assert answer.status_code in (200, 409, 412), answer.text
            if answer.status_code == 200:
                done.append(answer.json())

    await asyncio.gather(*(worker(n) for n in range(10)))
    history = await stays(client, deal)
    came = [one["stage_id"] for one in history if not one["skipped"]][1:]
    by_version = sorted(done, key=lambda moved: int(moved["version"]))
    assert came == [moved["stage_id"] for moved in by_version]
    assert [moved["version"] for moved in by_version] == [*range(2, len(done) + 2)]
    assert [one["number"] for one in history] == [*range(1, len(history) + 1)]
    assert len([one for one in history if one["left_at"] is None]) == 1
    records = await told(deal)
    assert [one["changes"]["stage"]["new"] for one in records[1:]] == [
        moved["stage"] for moved in by_version
    ]


async def test_splits_that_many_replace_at_once_are_always_whole(
    selling: Shop, admin: "Admin[Any]"
) -> None:
    client, deal = selling.client, await selling.deal()
    users = [await user(client, f"U{n}") for n in range(4)]

    def shares(n: int) -> list[Json]:
        first = {"user_id": users[n % 4], "percent": str(n)}
        rest = {"user_id": users[(n + 1) % 4], "percent": str(100 - n)}
        return [{"kind": kind, **one} for kind in ("revenue", "credit") for one in (first, rest)]

    place = f"/deals/{deal['id']}"
    answers = await asyncio.gather(
        *(client.patch(place, json={"splits": shares(n)}) for n in range(1, 21))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert (await selling.now(deal))["splits"] in [shares(n) for n in range(1, 21)]
    assert (await selling.now(deal))["version"] == 21
    assert await admin.fetchval(WHOLE)


async def test_a_deal_that_is_moved_and_changed_at_once_keeps_both(selling: Shop) -> None:
    client = selling.client
    for n in range(8):
        deal = await selling.deal()
        moved, changed = await asyncio.gather(
            act(client, deal, "move", stage="needs"),
            client.patch(f"/deals/{deal['id']}", json={"amount": money(str(n + 1))}),
        )
        assert changed.status_code == 200
        now = await selling.now(deal)
        assert now["amount"] == money(f"{n + 1}.00")
        assert now["stage"] == ("needs" if moved.status_code == 200 else "contact")
        assert moved.status_code in (200, 412)


async def test_a_deal_is_not_archived_beneath_a_move(selling: Shop) -> None:
    client = selling.client
    for _ in range(8):
        deal = await selling.deal()
        place = f"/deals/{deal['id']}"
        moved, archived = await asyncio.gather(
            client.post(f"{place}/move", json={"stage": "needs"}, headers={"If-Match": "*"}),
            client.post(f"{place}/archive"),
        )
        assert (moved.status_code, archived.status_code) in {(200, 200), (409, 200)}
        now = await selling.now(deal)
        assert now["state"] == "archived"
        assert now["stage"] == ("needs" if moved.is_success else "contact")
        assert len(await stays(client, deal)) == (2 if moved.is_success else 1)


async def test_one_deal_is_made_of_one_external_id_however_many_come_at_once(
    selling: Shop,
) -> None:
    named = {"customer_id": selling.customer, "business_unit_id": selling.unit}
    place = "/deals/external/erp/A-1"
    answers = await asyncio.gather(
        *(selling.client.patch(place, json={"name": f"N{n}", **named}) for n in range(10))
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sorted(answer.json()["version"] for answer in answers) == [*range(1, 11)]
    deal = answers[0].json()
    assert len(await stays(selling.client, deal)) == 1
    assert seen(await selling.now(deal)) == {"If-Match": '"10"'}
