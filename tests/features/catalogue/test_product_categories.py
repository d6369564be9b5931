"""Where products belong: a tree that nobody ties into a ring, however many move it at once."""

import asyncio
from itertools import pairwise
from random import Random

import pytest
from httpx import AsyncClient, Response

from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import refused
from tests.grouping import made

from .shelf import Json, category, listed, names, product, wrong

NOBODY = f"pct_{'f' * 32}"


async def put(client: AsyncClient, of: Json, **said: object) -> Response:
    return await client.patch(f"/product-categories/{of['id']}", json=said)


async def act(client: AsyncClient, of: Json, verb: str) -> Response:
    return await client.post(f"/product-categories/{of['id']}/{verb}")


async def line(client: AsyncClient, levels: int) -> list[Json]:
    """One below the other."""
    found = [await category(client, "1")]
    for n in range(2, levels + 1):
        found.append(await category(client, str(n), parent_id=found[-1]["id"]))
    return found


async def test_a_category_is_answered_as_it_was_said(client: AsyncClient) -> None:
    top = await category(client, "机械设备")
    said = {"name": "灌装机", "code": "MACH-FILL", "parent_id": top["id"]}
    below = await made(client, "/product-categories", said)
    assert below == below | said | {"object": "product_category", "version": 1, "state": "live"}
    place = f"/product-categories/{below['id']}"
    assert (await client.get(place)).json() == below
    renamed = await put(client, below, name="灌装机械")
    assert (renamed.json()["version"], renamed.json()["name"]) == (2, "灌装机械")
    same = await put(client, below, parent_id=top["id"])
    assert same.json() == renamed.json()


async def test_categories_are_found_by_name_pinyin_code_and_place(client: AsyncClient) -> None:
    top = await category(client, "机械设备")
    below = await category(client, "灌装机", code="MACH-FILL", parent_id=top["id"])
    deep = await category(client, "Small", parent_id=below["id"])
    await category(client, "Services")
    place = "/product-categories"
    for asked in ({"q": "灌装"}, {"q": "guan zhuang"}, {"q": "mach-f"}, {"code": "MACH-FILL"}):
        assert await names(client, place, **asked) == ["灌装机"], asked
    assert await names(client, place, parent_id=top["id"]) == ["灌装机"]
    under = await names(client, place, under=top["id"], sort="created_at")
    assert under == ["机械设备", "灌装机", "Small"]
    assert await names(client, place, under=[deep["id"], NOBODY]) == ["Small"]
    assert await names(client, place, sort="name") == ["灌装机", "机械设备", "Services", "Small"]


async def test_two_categories_cannot_have_one_code(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    first = await category(client, code="A")
    other = await category(client, code="B")
    body = {"name": "Another", "code": "A"}
    async with nothing_changes():
        for answer in (
            await client.post("/product-categories", json=body),
            await put(client, other, code="A"),
        ):
            problem = refused(answer, 409, "duplicate-value")
            assert problem["errors"][0]["pointer"] == "/code"
            assert problem["existing"] == {"object": "product_category", "id": first["id"]}


async def test_the_tree_has_eight_levels_and_no_more(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    found = await line(client, 8)
    pair = await line(client, 2)
    async with nothing_changes():
        body = {"name": "9", "code": "nine", "parent_id": found[-1]["id"]}
        deeper = await client.post("/product-categories", json=body)
        assert wrong(deeper) == [("/parent_id", "too_deep")]
        longer = await put(client, pair[0], parent_id=found[6]["id"])
        assert wrong(longer) == [("/parent_id", "too_deep")]
    moved = await put(client, pair[0], parent_id=found[5]["id"])
    assert moved.status_code == 200, moved.text


async def test_a_category_stands_neither_below_itself_nor_below_what_is_not_there(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    found = await line(client, 3)
    async with nothing_changes():
        for below in found:
            answer = await put(client, found[0], parent_id=below["id"])
            assert wrong(answer) == [("/parent_id", "circular_parent")]
        lost = await put(client, found[0], parent_id=NOBODY)
        assert wrong(lost) == [("/parent_id", "unknown_reference")]


async def test_moves_at_the_same_time_leave_a_tree(client: AsyncClient) -> None:
    dice = Random(11)
    found = [await category(client, str(n)) for n in range(6)]
    for _ in range(6):
        pairs = [dice.sample(found, 2) for _ in range(8)]
        answers = await asyncio.gather(
            *(put(client, one, parent_id=other["id"]) for one, other in pairs)
        )
        assert {answer.status_code for answer in answers} <= {200, 422}
    above = {one["id"]: one["parent_id"] for one in await listed(client, "/product-categories")}
    for id in above:
        steps = [id]
        while above[steps[-1]]:
            steps.append(above[steps[-1]])
            assert len(steps) == len(set(steps)) <= 8


async def test_a_category_with_live_ones_below_it_stays_in_use(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    found = await line(client, 3)
    async with nothing_changes():
        refused(await act(client, found[0], "archive"), 409, "conflict")
    for one in reversed(found):
        assert (await act(client, one, "archive")).json()["state"] == "archived"
    async with nothing_changes():
        for lower in found[1:]:
            archived = await act(client, lower, "restore")
            assert wrong(archived) == [("/parent_id", "archived_reference")]
        refused(await put(client, found[0], name="X"), 409, "conflict")
    for one in found:
        assert (await act(client, one, "restore")).json()["state"] == "live"


async def test_nothing_comes_below_or_into_an_archived_category_and_what_is_in_it_stays(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    gone = await category(client)
    inside = await product(client, category_id=gone["id"])
    outside = await product(client)
    await act(client, gone, "archive")
    below = {"name": "Below", "code": "below", "parent_id": gone["id"]}
    new = {"sku": "New", "name": "New", "category_id": gone["id"]}
    async with nothing_changes():
        answer = await client.post("/product-categories", json=below)
        assert wrong(answer) == [("/parent_id", "archived_reference")]
        for answer in (
            await client.post("/products", json=new),
            await client.patch(f"/products/{outside['id']}", json={"category_id": gone["id"]}),
        ):
            assert wrong(answer, 409) == [("/category_id", "product_category_archived")]
    kept = {"name": "Kept", "category_id": gone["id"]}
    answer = await client.patch(f"/products/{inside['id']}", json=kept)
    assert answer.json() == answer.json() | kept


async def test_a_product_comes_into_a_category_or_finds_it_archived(client: AsyncClient) -> None:
    for _ in range(5):
        place = await category(client)
        new = {"sku": place["code"], "name": "New", "category_id": place["id"]}
        archived, made_ = await asyncio.gather(
            act(client, place, "archive"), client.post("/products", json=new)
        )
        assert archived.status_code == 200
        assert made_.status_code in (201, 409)


async def test_categories_of_others_are_not_there(
    caller: NewClient, new_tenant_: NewTenant, client: AsyncClient
) -> None:
    theirs = await category(client)
    mine = await caller(tenant=await new_tenant_())
    assert (await mine.get(f"/product-categories/{theirs['id']}")).status_code == 404
    below = {"name": "Below", "code": "A", "parent_id": theirs["id"]}
    answer = await mine.post("/product-categories", json=below)
    assert wrong(answer) == [("/parent_id", "unknown_reference")]


@pytest.mark.parametrize("levels", [1, 5])
async def test_moving_a_branch_takes_along_what_is_below(client: AsyncClient, levels: int) -> None:
    branch = await line(client, levels)
    top = await category(client, "Top")
    await put(client, branch[0], parent_id=top["id"])
    under = await listed(client, "/product-categories", under=top["id"])
    assert {one["id"] for one in under} == {top["id"], *(one["id"] for one in branch)}
    for above, below in pairwise(branch):
        place = f"/product-categories/{below['id']}"
        assert (await client.get(place)).json()["parent_id"] == above["id"]
