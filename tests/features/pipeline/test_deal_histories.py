"""Whatever becomes of a deal, its history is what a plain reader of the moves would write down."""

import random
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from httpx import AsyncClient

from .conftest import Shop
from .selling import act, later, money, shop, stays, way

Json = dict[str, Any]
ORDER = ["a", "b", "c", "d"]
ODD: dict[str, Json] = {"a": {"max_days": 2}, "c": {"next": ["d", "won", "a"]}}
LEADS = {"c": {"d", "won", "a"}}
"""Where a stage leads that does not lead everywhere."""
STEPS = 40


class Model:
    """A deal and its stays, as the rules in words have them."""

    def __init__(self, deal: Json) -> None:
        self.stage, self.status, self.amount = "a", "open", deal["amount"]
        self.stays: list[Json] = []
        self._come("a", deal["created_at"])

    def may(self, verb: str, to: str) -> bool:
        if verb == "reopen":
            return self.status != "open"
        leads = to == "lost" or to in LEADS.get(self.stage, {*ORDER, "won"})
        return self.status == "open" and to != self.stage and leads

    def go(self, verb: str, to: str, at: str) -> None:
        """To a stage, at a time; past those between, unless it is lost or has been closed."""
        was = self.stage
        if self.status == "open":
            self.stays[-1]["left_at"] = at
            for passed in _between(was, to) if to != "lost" else ():
                self._come(passed, at, was, passed_by=True)
        self.stage, self.status = to, to if to in ("won", "lost") else "open"
        self._come(to, at, was)

    def last_open(self) -> str:
        here = (stay for stay in self.stays[::-1] if stay["stage"] in ORDER and not stay["skipped"])
        return str(next(here)["stage"])

    def _come(self, to: str, at: str, was: str | None = None, *, passed_by: bool = False) -> None:
        stay = {
            "number": len(self.stays) + 1,
            "stage": to,
            "from": was,
            "kind": "open" if to in ORDER else to,
            "skipped": passed_by,
            "entered_at": at,
            "left_at": None if to in ORDER and not passed_by else at,
            "amount": self.amount,
        }
        self.stays.append(stay)


def _between(was: str, to: str) -> list[str]:
    first = ORDER.index(was) + 1
    return ORDER[first : ORDER.index(to) if to in ORDER else len(ORDER)]


def told(history: list[Json], pipeline: Json) -> list[Json]:
    """As the model writes it down."""
    codes = {one["id"]: one["code"] for one in pipeline["stages"]}
    same = ("number", "kind", "skipped", "entered_at", "left_at", "amount")
    return [
        {
            **{name: stay[name] for name in same},
            "stage": codes[stay["stage_id"]],
            "from": codes.get(stay["from_stage_id"]),
        }
        for stay in history
    ]


def seconds(first: str, last: str) -> timedelta:
    return datetime.fromisoformat(last) - datetime.fromisoformat(first)


def check(history: list[Json], deal: Json, now: str) -> None:
    """What must hold of every history, whatever the moves were."""
    open_ones = [stay for stay in history if stay["left_at"] is None]
    assert len(open_ones) == (1 if deal["status"] == "open" else 0)
    assert [stay["number"] for stay in history] == [*range(1, len(history) + 1)]
    for before, after in pairwise(history):
        gap = seconds(before["left_at"], after["entered_at"])
        assert gap >= timedelta(0)
        assert not gap or before["kind"] in ("won", "lost")  # the time for which it was closed
    for stay in history:
        if stay["skipped"] or stay["kind"] != "open":
            assert stay["left_at"] == stay["entered_at"]
    worked = [seconds(s["entered_at"], s["left_at"] or now) for s in history if s["kind"] == "open"]
    closed = [
        seconds(before["left_at"], after["entered_at"])
        for before, after in pairwise(history)
        if before["kind"] in ("won", "lost")
    ]
    until = now if deal["status"] == "open" else deal["closed_at"]
    age = seconds(deal["created_at"], until)
    assert sum(worked, timedelta(0)) == age - sum(closed, timedelta(0))


def choose(chance: random.Random, model: Model) -> tuple[str, str, Json]:
    """A verb, where it leads, and what is said; sometimes one that is refused."""
    verb = chance.choice(("move", "move", "move", "win", "lose", "reopen", "reopen"))
    if verb == "move":
        to = chance.choice(ORDER)
        return verb, to, {"stage": to}
    if verb == "reopen":
        said = chance.choice((None, *ORDER))
        where = {"stage": said} if said else {}
        return verb, said or model.last_open(), {"reason": "Again", **where}
    return verb, {"win": "won", "lose": "lost"}[verb], {"lose": {"reason": "price"}}.get(verb, {})


async def step(selling: Shop, deal: Json, model: Model, chance: random.Random) -> Json:
    """The deal after something happened to it, or was refused."""
    if chance.random() < 0.2:
        await later(selling.client, chance.randrange(1, 5 * 86400))
    if chance.random() < 0.2 and model.status == "open":
        typed = chance.choice((None, money(f"{chance.randrange(10**6)}.00")))
        deal = await selling.change(deal, amount=typed)
        model.amount = deal["amount"]
    verb, to, said = choose(chance, model)
    answer = await act(selling.client, deal, verb, **said)
    assert answer.is_success == model.may(verb, to), (verb, to, model.stage, answer.text)
    if not answer.is_success:
        assert answer.status_code == 409
        return await selling.now(deal)
    moved: Json = answer.json()
    model.go(verb, to, moved["stage_since"])
    assert (moved["stage"], moved["status"]) == (model.stage, model.status)
    return moved


@pytest.mark.parametrize("seed", range(8))
async def test_a_history_is_what_a_reader_of_the_moves_would_write_down(
    client: AsyncClient, seed: int
) -> None:
    chance = random.Random(seed)
    selling = await shop(client, stages=way(*ORDER, **ODD))
    deal = await selling.deal(amount=chance.choice((None, money("5.00"))))
    model = Model(deal)
    for _ in range(STEPS):
        deal = await step(selling, deal, model, chance)
    history = await stays(client, deal)
    assert told(history, selling.pipeline) == model.stays
    check(history, deal, (await client.get("/sandbox/clock")).json()["now"])
    assert len(history) > STEPS / 5
