"""Random moves, of today, planned and corrected: the tree is on every date what a simple model of
it says, and nothing is refused that the model allows."""

import random
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.kit.context import House
from tests.conftest import NewClient, NewTenant

from .test_business_units import days, names, same_as_the_tree, today, unit, work

UNITS, MOVES, LEVELS = 9, 40, 12
BEGAN, LAST = -20, 20
Parents = dict[str, str | None]


class Model:
    """The parent of each unit from a day on, counted from today."""

    def __init__(self) -> None:
        self.spans: dict[str, dict[int, str | None]] = {}

    def parents(self, day: int) -> Parents:
        return {
            name: spans[max(start for start in spans if start <= day)]
            for name, spans in self.spans.items()
        }

    def move(self, name: str, parent: str | None, on: int) -> bool:
        """Whether it may be; then it is."""
        before = dict(self.spans[name])
        self.spans[name][on] = parent
        if not all(self._stands(day) for day in range(BEGAN, LAST + 1)):
            self.spans[name] = before
            return False
        ordered = sorted(self.spans[name].items())
        again = [two[0] for one, two in pairwise(ordered) if one[1] == two[1]]
        self.spans[name] = {day: parent for day, parent in ordered if day not in again}
        return True

    def _stands(self, day: int) -> bool:
        parents = self.parents(day)
        return all(len(line(parents, name)) <= LEVELS for name in parents)


def line(parents: Parents, name: str) -> list[str]:
    """A unit and those above it; endless ones are cut."""
    found: list[str] = []
    here: str | None = name
    while here is not None and len(found) <= LEVELS:
        found.append(here)
        here = parents[here]
    return found


@pytest.mark.parametrize("seed", range(4))
async def test_the_tree_of_every_date_is_the_one_that_was_said(
    seed: int, caller: NewClient, new_tenant_: NewTenant, house: House, admin: "Admin[Any]"
) -> None:
    chance, model, tenant = random.Random(seed), Model(), await new_tenant_()
    client, ids = await caller(tenant=tenant), {}
    for name in "ABCDEFGHI"[:UNITS]:
        ids[name] = (await unit(client, name, opens_on=days(BEGAN)))["id"]
        model.spans[name] = {BEGAN: None}
    refusals = 0
    for _ in range(MOVES):
        name, parent = chance.choice(list(ids)), chance.choice([None, *ids])
        on = chance.choice([0, 0, chance.randint(BEGAN, LAST)])
        said = {"parent_id": parent and ids[parent], "on": days(on)}
        answer = await client.post(f"/business-units/{ids[name]}/move", json=said)
        allowed = model.move(name, parent, on)
        assert answer.is_success == allowed, (name, parent, on, answer.text)
        refusals += not allowed
    assert 0 < refusals < MOVES
    for day in range(BEGAN, LAST + 1, 4):
        assert await told(client, ids, day) == model.parents(day), day
    for day in range(0, LAST + 1, 5):
        await same_as_the_tree(admin, tenant)
        await below_each(client, ids, model.parents(day))
        await client.post("/sandbox/clock/advance", json={"seconds": 5 * 86_400})
        await work(house)


async def told(client: AsyncClient, ids: dict[str, str], day: int) -> Parents:
    query = {"as_of": (today() + timedelta(days=day)).isoformat()}
    listed = (await client.get("/business-units", params=query)).json()["data"]
    known = {id: name for name, id in ids.items()}
    return {item["name"]: known.get(item["parent_id"]) for item in listed}


async def below_each(client: AsyncClient, ids: dict[str, str], parents: Parents) -> None:
    for name, id in ids.items():
        wanted = [other for other in sorted(parents) if name in line(parents, other)]
        assert await names(client, under=id) == wanted
