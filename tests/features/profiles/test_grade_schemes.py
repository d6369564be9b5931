"""Which grades units may give to their customers."""

import asyncio
from typing import Any

from httpx import AsyncClient

from tests.conftest import Unchanged
from tests.features.test_customers import refused
from tests.platform.test_business_units import Json, move, unit

from .test_unit_profiles import GRADES, scheme


async def in_force(client: AsyncClient, of: Json) -> list[str]:
    answer = await client.get("/grade-schemes", params={"in_force_in": of["id"]})
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["data"]]


async def verb(client: AsyncClient, of: Json, verb: str) -> Any:
    return await client.post(f"/grade-schemes/{of['id']}/{verb}")


async def test_grades_are_kept_in_the_order_of_their_ranks(client: AsyncClient) -> None:
    made = await scheme(client, grades=GRADES[::-1])
    assert made["grades"] == GRADES
    assert (made["business_unit_id"], made["state"]) == (None, "live")
    where = f"/grade-schemes/{made['id']}"
    assert (await client.get(where)).json() == made
    same = await client.patch(where, json={"grades": GRADES})
    assert same.json()["version"] == 1
    less = await client.patch(where, json={"name": "Few", "grades": GRADES[:2]})
    assert (less.json()["version"], less.json()["grades"]) == (2, GRADES[:2])


async def test_a_grade_has_a_code_and_a_rank_of_its_own(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    for again in ({**GRADES[1], "rank": 9}, {**GRADES[1], "code": "E"}):
        async with nothing_changes():
            body = {"name": "Twice", "grades": [*GRADES, again]}
            problem = refused(
                await client.post("/grade-schemes", json=body), 422, "validation-failed"
            )
        assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [
            ("/grades", "grade_repeated")
        ]


async def test_the_nearest_scheme_above_is_in_force_and_the_groups_where_there_is_none(
    client: AsyncClient,
) -> None:
    east, west = await unit(client, "East"), await unit(client, "West")
    shanghai = await unit(client, "Shanghai", parent_id=east["id"])
    shop = await unit(client, "Shop", parent_id=shanghai["id"])
    assert await in_force(client, shop) == []
    await scheme(client, name="Group")
    assert [await in_force(client, one) for one in (east, shop, west)] == [["Group"]] * 3
    await scheme(client, name="East", business_unit_id=east["id"])
    own = await scheme(client, name="Shop", business_unit_id=shop["id"])
    assert [await in_force(client, one) for one in (east, shanghai)] == [["East"]] * 2
    assert (await in_force(client, shop), await in_force(client, west)) == (["Shop"], ["Group"])
    await verb(client, own, "archive")
    assert await in_force(client, shop) == ["East"]
    await move(client, shanghai, parent_id=west["id"])
    assert await in_force(client, shop) == ["Group"]
    await verb(client, own, "restore")
    assert await in_force(client, shop) == ["Shop"]
    assert await in_force(client, {"id": f"bun_{'f' * 32}"}) == []
    listed = await client.get("/grade-schemes", params={"business_unit_id": east["id"]})
    assert [one["name"] for one in listed.json()["data"]] == ["East"]


async def test_a_unit_has_one_live_scheme_and_so_has_the_group(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    shop = await unit(client, "Shop")
    for of in ({}, {"business_unit_id": shop["id"]}):
        body = {"name": "One", "grades": GRADES, **of}
        answers = await asyncio.gather(
            *(client.post("/grade-schemes", json=body) for _ in range(5))
        )
        made = [a.json() for a in answers if a.status_code == 201]
        assert len(made) == 1
        problem = refused(next(a for a in answers if a.status_code != 201), 409, "duplicate-value")
        assert problem["errors"][0]["pointer"] == "/business_unit_id"
        assert problem["existing"] == {"object": "grade_scheme", "id": made[0]["id"]}
        assert (await verb(client, made[0], "archive")).status_code == 200
        next_one = (await client.post("/grade-schemes", json=body)).json()
        async with nothing_changes():
            refused(await verb(client, made[0], "restore"), 409, "duplicate-value")
        assert (await verb(client, next_one, "archive")).status_code == 200
        assert (await verb(client, made[0], "restore")).status_code == 200


async def test_an_archived_scheme_is_not_changed(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    made = await scheme(client)
    await verb(client, made, "archive")
    async with nothing_changes():
        changed = await client.patch(f"/grade-schemes/{made['id']}", json={"name": "X"})
        refused(changed, 409, "conflict")
        refused(await verb(client, made, "archive"), 409, "invalid-transition")
    archived = await client.get("/grade-schemes", params={"state": "archived"})
    assert [one["id"] for one in archived.json()["data"]] == [made["id"]]


async def test_a_scheme_is_for_a_unit_that_is_in_use(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    closed = await unit(client, "Closed")
    await client.post(f"/business-units/{closed['id']}/archive")
    for id, code in ((closed["id"], "validation-failed"), (f"bun_{'f' * 32}", "unknown-reference")):
        body = {"name": "One", "grades": GRADES, "business_unit_id": id}
        async with nothing_changes():
            problem = refused(await client.post("/grade-schemes", json=body), 422, code)
        assert problem["errors"][0]["pointer"] == "/business_unit_id"
