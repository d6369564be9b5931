"""Pipelines: what makes one, how it changes, and that no open deal is ever out of use."""

import asyncio
import random
from collections.abc import Awaitable
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient, Response

from tests.conftest import Unchanged
from tests.features.test_customers import refused
from tests.grouping import Group, ids, made

from .conftest import Shop, Told
from .selling import act, acted, ends, pipeline, stage, way, wrong

Json = dict[str, Any]
CHANCE = random.Random(1)
Sent = Awaitable[Response]
NEW: Json = {"name": "Packaging line"}
PRESET = ["contact", "needs", "proposal", "contract", "won", "lost"]
STRANDED = """
SELECT count(*) FROM deals d
JOIN stages s ON s.tenant_id = d.tenant_id AND s.id = d.stage_id
JOIN pipelines p ON p.tenant_id = d.tenant_id AND p.id = d.pipeline_id
WHERE d.status = 'open' AND (s.retired OR p.state = 'archived')"""
ROWS = """
SELECT s.position, s.code, s.kind, s.probability, s.max_days, s.retired FROM stages s
WHERE s.pipeline_id = $1 ORDER BY s.position"""


def codes(of: Json, *, retired: bool = False) -> list[str]:
    return [one["code"] for one in of["stages"] if one["retired"] is retired]


def by_code(of: Json) -> dict[str, str]:
    return {one["code"]: one["id"] for one in of["stages"]}


async def patched(client: AsyncClient, of: Json, **said: Any) -> Json:
    answer = await client.patch(f"/pipelines/{of['id']}", json=said)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


def named(selling: Shop) -> Json:
    return {"customer_id": selling.customer, "business_unit_id": selling.unit}


async def together(turn: int, one: Sent, *others: Sent) -> list[Response]:
    """At about the same time: `one` a little later, in every other turn a little sooner."""

    async def late(sent: Sent, often: bool) -> Response:
        await asyncio.sleep(CHANCE.random() / 25 if often else 0)
        return await sent

    odd = turn % 2 == 1
    return await asyncio.gather(late(one, odd), *(late(sent, not odd) for sent in others))


async def verb(client: AsyncClient, of: Json, verb: str) -> Any:
    return await client.post(f"/pipelines/{of['id']}/{verb}")


async def test_a_pipeline_without_stages_has_those_of_a_common_sale(client: AsyncClient) -> None:
    created = await client.post("/pipelines", json={"name": "Machines"})
    sales = created.json()
    assert codes(sales) == PRESET
    assert [one["labels"]["zh-CN"] for one in sales["stages"][:4]] == [
        "初步接触",
        "需求确认",
        "方案报价",
        "合同签订",
    ]
    kinds = [(one["kind"], one["probability"], one["max_days"]) for one in sales["stages"]]
    likely = [("open", percent, 30) for percent in (10, 30, 60, 90)]
    assert kinds == [*likely, ("won", 100, None), ("lost", 0, None)]
    assert len(sales["loss_reasons"]) == 6
    assert (await client.get(f"/pipelines/{sales['id']}")).content == created.content


async def test_a_stage_is_known_by_its_code(client: AsyncClient, admin: "Admin[Any]") -> None:
    sales = await pipeline(client, stages=way("a", "b", "c"))
    less = await patched(client, sales, stages=way("c", "new", "a"))
    assert (codes(less), codes(less, retired=True)) == (["c", "new", "a", "won", "lost"], ["b"])
    same = {code: id for code, id in by_code(less).items() if code != "new"}
    assert same == by_code(sales)
    more = await patched(client, sales, stages=way("b", "a", b={"probability": 7}))
    assert (codes(more), set(codes(more, retired=True))) == (
        ["b", "a", "won", "lost"],
        {"c", "new"},
    )
    assert by_code(more) == by_code(less)
    rows = await admin.fetch(ROWS, more["id"][4:])
    names = ("code", "kind", "probability", "max_days", "retired")
    assert [tuple(row)[1:] for row in rows] == [
        tuple(one[name] for name in names) for one in more["stages"]
    ]


async def test_the_won_and_the_lost_stage_stand_last_however_they_are_sent(
    client: AsyncClient,
) -> None:
    lost, won = ends()[::-1]
    sales = await pipeline(client, stages=[lost, stage("a"), won, stage("b")])
    assert codes(sales) == ["a", "b", "won", "lost"]
    assert [one["probability"] for one in sales["stages"][2:]] == [100, 0]


async def test_reasons_are_retired_and_taken_up_again(client: AsyncClient) -> None:
    sales = await pipeline(client)
    price = next(one for one in sales["loss_reasons"] if one["code"] == "price")
    few = await patched(
        client, sales, loss_reasons=[{"code": "timing", "labels": {"en": "Timing"}}]
    )
    used = [one["code"] for one in few["loss_reasons"] if not one["retired"]]
    assert used == ["timing"]
    assert {**price, "retired": True} in few["loss_reasons"]
    again = await patched(client, sales, loss_reasons=[{"code": "price", "labels": {"en": "Cost"}}])
    found = {one["code"]: one for one in again["loss_reasons"]}
    assert found["price"] == {"code": "price", "labels": {"en": "Cost"}, "retired": False}
    assert found["timing"]["retired"]
    assert len(again["loss_reasons"]) == 7


A, B = stage("a"), stage("b")
WON, LOST = ends()
ITEM: Json = {"key": "k", "labels": {"en": "K"}}
UNFIT: list[tuple[str, list[Json], str, str]] = [
    ("no open one", [WON, LOST, {**WON, "code": "won2"}], "", "stage_kinds"),
    ("no won one", [A, B, LOST], "", "stage_kinds"),
    ("no lost one", [A, B, WON], "", "stage_kinds"),
    ("two won", [A, WON, {**WON, "code": "won2"}, LOST], "", "stage_kinds"),
    ("two lost", [A, WON, LOST, {**LOST, "code": "lost2"}], "", "stage_kinds"),
    ("too few", [WON, LOST], "", "too_short"),
    ("a code twice", [A, A, WON, LOST], "", "stage_repeated"),
    ("next is unknown", [{**A, "next": ["z"]}, WON, LOST], "", "stage_unknown"),
    ("next is lost", [{**A, "next": ["lost"]}, WON, LOST], "", "stage_unknown"),
    (
        "an item twice",
        [{**A, "checklist": [ITEM]}, {**B, "checklist": [ITEM]}, WON, LOST],
        "",
        "item_repeated",
    ),
    ("won is unsure", [A, {**WON, "probability": 99}, LOST], "/1", "probability_certain"),
    ("lost may be won", [A, WON, {**LOST, "probability": 1}], "/2", "probability_certain"),
    ("no probability", [{**A, "probability": None}, WON, LOST], "/0", "probability_missing"),
    (
        "more than certain",
        [{**A, "probability": 101}, WON, LOST],
        "/0/probability",
        "less_than_equal",
    ),
    ("no days", [{**A, "max_days": 0}, WON, LOST], "/0/max_days", "greater_than_equal"),
    ("a code in capitals", [{**A, "code": "A"}, WON, LOST], "/0/code", "string_pattern_mismatch"),
    ("no labels", [{**A, "labels": {}}, WON, LOST], "/0/labels", "too_short"),
    (
        "a field of nothing",
        [A, {**B, "required_fields": ["amount", "colour"]}, WON, LOST],
        "/1/required_fields/1",
        "unknown_field",
    ),
    (
        "an own field of nobody",
        [{**A, "required_fields": ["custom.budget"]}, WON, LOST],
        "/0/required_fields/0",
        "unknown_field",
    ),
]


@pytest.mark.parametrize(
    ("stages", "place", "code"), [pytest.param(*rest, id=name) for name, *rest in UNFIT]
)
async def test_what_makes_no_pipeline_is_refused(
    client: AsyncClient, nothing_changes: Unchanged, stages: list[Json], place: str, code: str
) -> None:
    sales = await pipeline(client)
    async with nothing_changes():
        new = await client.post("/pipelines", json={"name": "No", "stages": stages})
        assert wrong(new) == [(f"/stages{place}", code)]
        answer = await client.patch(f"/pipelines/{sales['id']}", json={"stages": stages})
        assert wrong(answer) == [(f"/stages{place}", code)]


@pytest.mark.parametrize(
    ("said", "place", "code"),
    [
        ({"loss_reasons": []}, "/loss_reasons", "too_short"),
        (
            {"loss_reasons": [{"code": "x", "labels": {"en": "X"}}] * 2},
            "/loss_reasons",
            "reason_repeated",
        ),
        ({"name": ""}, "/name", "string_pattern_mismatch"),
        ({"name": None}, "/name", "string_type"),
        ({"stages": None}, "/stages", "list_type"),
        ({"is_default": None}, "/is_default", "bool_type"),
        ({"business_unit_id": None}, "/business_unit_id", "extra_forbidden"),
    ],
)
async def test_what_does_not_fit_a_pipeline_is_named(
    client: AsyncClient, nothing_changes: Unchanged, said: Json, place: str, code: str
) -> None:
    sales = await pipeline(client)
    async with nothing_changes():
        assert wrong(await client.patch(f"/pipelines/{sales['id']}", json=said)) == [(place, code)]


async def test_a_stage_may_ask_for_a_field_that_the_tenant_has_defined(client: AsyncClient) -> None:
    field = {"resource": "deal", "key": "budget", "kind": "number", "labels": {"en": "Budget"}}
    await made(client, "/custom-fields", field)
    asked = way("a", "b", b={"required_fields": ["custom.budget", "contacts"]})
    sales = await pipeline(client, stages=asked)
    assert sales["stages"][1]["required_fields"] == ["custom.budget", "contacts"]


async def test_the_kind_of_a_stage_is_for_life(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    sales = await pipeline(client, stages=way("a", "b", "c"))
    await patched(client, sales, stages=way("a"))
    for taken in ("b", "lost"):  # one that is retired, and one in use
        other = [stage("a"), {**WON, "code": taken}, {**LOST, "code": "lost2"}]
        async with nothing_changes():
            answer = await client.patch(f"/pipelines/{sales['id']}", json={"stages": other})
        assert wrong(answer) == [("/stages/1/kind", "other_kind")]


async def test_a_pipeline_has_fifty_stages_at_most_retired_ones_too(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    sales = await pipeline(client, stages=way(*(f"s{n}" for n in range(48))))
    async with nothing_changes():
        answer = await client.patch(f"/pipelines/{sales['id']}", json={"stages": way("s0", "more")})
    assert wrong(answer) == [("/stages", "too_long")]
    assert codes(await patched(client, sales, stages=way("s0"))) == ["s0", "won", "lost"]


async def test_new_deals_are_in_the_default_one_of_the_nearest_unit(group: Group) -> None:
    admin, of = group.admin, await group.customer("shanghai")

    async def where(unit: str) -> set[str]:
        asked = {"default_in": group.units[unit]}
        found = ids(await admin.get("/pipelines", params=asked))
        said = {"name": "A", "customer_id": of, "business_unit_id": group.units[unit]}
        answer = await admin.post("/deals", json=said)
        if found:
            assert {answer.json()["pipeline_id"]} == found
        else:
            assert wrong(answer) == [("/pipeline_id", "missing")]
        return found

    assert await where("shanghai") == set()
    await pipeline(admin, is_default=False)
    assert await where("shanghai") == set()
    all_of_us = await pipeline(admin)
    east = await pipeline(admin, business_unit_id=group.units["east"])
    own = await pipeline(admin, business_unit_id=group.units["shanghai"])
    found = [await where(name) for name in ("west", "hangzhou", "east", "shanghai")]
    assert found == [{all_of_us["id"]}, {east["id"]}, {east["id"]}, {own["id"]}]
    await patched(admin, own, is_default=False)
    assert await where("shanghai") == {east["id"]}


async def test_a_unit_has_one_default_pipeline_and_so_has_the_group(
    group: Group, nothing_changes: Unchanged
) -> None:
    for of in ({}, {"business_unit_id": group.units["east"]}):
        first = await pipeline(group.admin, **of)
        second = await pipeline(group.admin, is_default=False, **of)
        there = {"object": "pipeline", "id": first["id"]}
        async with nothing_changes():
            for answer in (
                await group.admin.post("/pipelines", json={"name": "B", "is_default": True, **of}),
                await group.admin.patch(f"/pipelines/{second['id']}", json={"is_default": True}),
            ):
                problem = refused(answer, 409, "duplicate-value")
                assert wrong(answer, 409) == [("/is_default", "duplicate_value")]
                assert problem["existing"] == there
        assert (await verb(group.admin, first, "archive")).status_code == 200
        await patched(group.admin, second, is_default=True)
        async with nothing_changes():
            problem = refused(await verb(group.admin, first, "restore"), 409, "duplicate-value")
        assert problem["existing"]["id"] == second["id"]


async def test_of_many_who_make_a_default_pipeline_at_once_one_succeeds(
    client: AsyncClient,
) -> None:
    said = {"name": "Sales", "is_default": True}
    answers = await asyncio.gather(*(client.post("/pipelines", json=said) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert len(ids(await client.get("/pipelines"))) == 1


async def test_a_stage_in_which_open_deals_are_is_not_retired(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    client, sales = selling.client, selling.pipeline
    one = await selling.deal(stage="needs")
    lost = await acted(client, await selling.deal(stage="needs"), "lose", reason="price")
    without = way("contact", "proposal")
    async with nothing_changes():
        problem = refused(await selling.restage(sales, without), 409, "conflict")
    assert problem["detail"] == "Open deals are there (1, archived ones too): move them first."
    await acted(client, one, "move", stage="proposal")
    less = (await selling.restage(sales, without)).json()
    assert codes(less) == ["contact", "proposal", "won", "lost"]
    assert (await selling.now(lost))["stage"] == "lost"
    back = await acted(client, lost, "reopen", reason="They called again")
    assert back["stage"] == "contact"  # its own stage is gone: the first


async def test_archived_deals_hold_their_stage_and_pipeline_too(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    """Whoever restores one finds it in a stage that is in use."""
    client, sales = selling.client, selling.pipeline
    one = await selling.deal(stage="needs")
    assert (await client.post(f"/deals/{one['id']}/archive")).status_code == 200
    async with nothing_changes():
        refused(await selling.restage(sales, way("contact", "proposal")), 409, "conflict")
        refused(await verb(client, sales, "archive"), 409, "conflict")
    back = (await client.post(f"/deals/{one['id']}/restore")).json()
    assert (back["stage"], back["status"]) == ("needs", "open")
    await acted(client, back, "win")
    assert (await client.post(f"/deals/{one['id']}/archive")).status_code == 200
    assert (await selling.restage(sales, way("contact", "proposal"))).status_code == 200
    assert (await verb(client, sales, "archive")).status_code == 200


async def test_a_pipeline_with_open_deals_is_not_archived(
    selling: Shop, nothing_changes: Unchanged, told: Told
) -> None:
    client, sales = selling.client, selling.pipeline
    one = await selling.deal()
    async with nothing_changes():
        refused(await verb(client, sales, "archive"), 409, "conflict")
    won = await acted(client, one, "win")
    archived = (await verb(client, sales, "archive")).json()
    assert archived["state"] == "archived"
    other = await selling.other_way("a")
    there = await selling.deal(pipeline_id=other["id"])
    said = {"name": "A", "customer_id": selling.customer, "business_unit_id": selling.unit}
    async with nothing_changes():
        refused(await verb(client, sales, "archive"), 409, "invalid-transition")
        refused(
            await client.patch(f"/pipelines/{sales['id']}", json={"name": "B"}), 409, "conflict"
        )
        assert wrong(await client.post("/deals", json=said)) == [("/pipeline_id", "missing")]
        for answer in (
            await client.post("/deals", json={**said, "pipeline_id": sales["id"]}),
            await act(client, there, "move", stage="needs", pipeline_id=sales["id"]),
            await act(client, won, "reopen", reason="A mistake"),
        ):
            assert wrong(answer, 409) == [("/pipeline_id", "pipeline_archived")]
    assert ids(await client.get("/pipelines")) == {other["id"]}
    assert ids(await client.get("/pipelines", params={"state": "archived"})) == {sales["id"]}
    restored = (await verb(client, sales, "restore")).json()
    assert {**restored, "version": 0, "updated_at": 0} == {**sales, "version": 0, "updated_at": 0}
    types = [record["type"] for record in await told(sales)]
    assert types == ["pipeline.created", "pipeline.archived", "pipeline.restored"]


async def test_a_deal_never_comes_to_a_stage_as_it_is_retired(
    selling: Shop, admin: "Admin[Any]"
) -> None:
    """Whoever comes first: moved, made or reopened at the moment in which the stage goes."""
    client, sales = selling.client, selling.pipeline
    whole, less = way("a", "b"), way("a")
    outcomes = set()
    await selling.restage(sales, whole)
    moving, closed = await selling.deal(), await acted(client, await selling.deal(), "win")
    for turn in range(40):
        retired, moved, created, reopened = await together(
            turn,
            selling.restage(sales, less),
            act(client, moving, "move", stage="b"),
            client.post("/deals", json={**NEW, **named(selling), "stage": "b"}),
            act(client, closed, "reopen", reason="Again", stage="b"),
        )
        statuses = (retired.status_code, moved.status_code, created.status_code)
        assert statuses in {(200, 422, 422), (409, 200, 201), (409, 422, 201), (409, 200, 422)}
        outcomes.add(statuses)
        assert await admin.fetchval(STRANDED) == 0
        assert (await selling.restage(sales, whole)).status_code == 200
        if moved.is_success:
            moving = await acted(client, moved.json(), "move", stage="a")
        if created.is_success:
            await acted(client, created.json(), "lose", reason="price")
        if reopened.is_success:
            closed = await acted(client, reopened.json(), "win")
    assert len(outcomes) > 1, outcomes


async def test_a_deal_never_begins_in_a_pipeline_as_it_is_archived(
    selling: Shop, admin: "Admin[Any]"
) -> None:
    client, sales, won = selling.client, selling.pipeline, 0
    elsewhere = await selling.deal(pipeline_id=(await selling.other_way("x"))["id"])
    for turn in range(40):
        there = {"pipeline_id": sales["id"]}
        archived, created, moved = await together(
            turn,
            verb(client, sales, "archive"),
            client.post("/deals", json={**NEW, **named(selling), **there}),
            act(client, elsewhere, "move", stage="contact", **there),
        )
        assert await admin.fetchval(STRANDED) == 0
        assert archived.status_code == (409 if created.is_success or moved.is_success else 200)
        won += archived.is_success
        if archived.is_success:
            assert (await verb(client, sales, "restore")).status_code == 200
        if created.is_success:
            await acted(client, created.json(), "lose", reason="price")
        if moved.is_success:
            back = elsewhere["pipeline_id"]
            elsewhere = await acted(client, moved.json(), "move", stage="x", pipeline_id=back)
    assert 0 < won < 40


async def test_pipelines_are_found_by_unit_team_and_state(group: Group) -> None:
    admin, at = group.admin, {"business_unit_id": group.units["east"]}
    team = await made(admin, "/teams", {"name": "Key accounts"})
    of_unit = await pipeline(admin, is_default=False, **at)
    of_team = await pipeline(admin, is_default=False, team_id=team["id"])

    async def found(**asked: Any) -> set[str]:
        return ids(await admin.get("/pipelines", params=asked))

    assert await found(**at) == {of_unit["id"]}
    assert await found(team_id=team["id"]) == {of_team["id"]}
    assert await found(team_id=team["id"], **at) == set()
    first = (await admin.get("/pipelines", params={"limit": 1, "sort": "created_at"})).json()
    assert [one["id"] for one in first["data"]] == [of_unit["id"]]
    rest = {"limit": 1, "sort": "created_at", "cursor": first["next_cursor"]}
    assert await found(**rest) == {of_team["id"]}
    assert (await patched(admin, of_team, team_id=None))["team_id"] is None
    assert await found(team_id=team["id"]) == set()


async def test_a_pipeline_that_stays_as_it_is_has_no_new_version(
    selling: Shop, told: Told, nothing_changes: Unchanged
) -> None:
    client, sales = selling.client, selling.pipeline
    said = {"name": "Sales", "stages": way("a", "b"), "is_default": True}
    changed = await patched(client, sales, **said)
    place, late = f"/pipelines/{sales['id']}", {"If-Match": '"1"'}
    async with nothing_changes():
        again = await client.patch(place, json=said)
        problem = refused(await client.patch(place, json={"name": "B"}, headers=late), 412, LATE)
        rehearsed = await client.patch(place, json={"name": "B"}, headers={"Crm-Dry-Run": "true"})
    assert again.json() == changed
    assert problem["current_version"] == 2
    assert {one["pointer"] for one in problem["changed"]} == {"/stages"}
    assert rehearsed.headers["crm-dry-run-events"] == "pipeline.updated"
    assert [record["type"] for record in await told(sales)] == [
        "pipeline.created",
        "pipeline.updated",
    ]


LATE = "precondition-failed"
