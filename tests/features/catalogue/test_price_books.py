"""Price books: for whom they are, where else they look, and what they cannot be."""

import asyncio
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient, Response

from tests.conftest import NewClient, NewTenant, Unchanged, WithKey
from tests.features.pipeline.selling import customer, unit
from tests.features.test_customers import refused
from tests.grouping import grown, made

from .shelf import Json, book, category, listed, names, rule, wrong

NOBODY = "f" * 32
RULES: list[Json] = [
    {
        "category_id": None,
        "kind": "service",
        "base": "parent",
        "percent": "-12.5",
        "plus": "-0.25",
        "rounding": {"to": "1", "mode": "up", "ending": "0.99"},
    },
    {
        "category_id": None,
        "kind": None,
        "base": "unit_cost",
        "percent": "1000",
        "plus": None,
        "rounding": None,
    },
]
UNFIT: list[tuple[Json, str, str]] = [
    ({"base": "cost"}, "/rules/0/base", "enum"),
    ({"percent": "-100.5"}, "/rules/0/percent", "string_pattern_mismatch"),
    ({"percent": "1000.1"}, "/rules/0/percent", "string_pattern_mismatch"),
    ({"percent": -10}, "/rules/0/percent", "string_type"),
    ({"plus": "1.1234567"}, "/rules/0/plus", "string_pattern_mismatch"),
    ({"rounding": {"to": "0"}}, "/rules/0/rounding/to", "string_pattern_mismatch"),
    ({"rounding": {"to": "0.0"}}, "/rules/0/rounding/to", "string_pattern_mismatch"),
    ({"rounding": {"to": "-1"}}, "/rules/0/rounding/to", "string_pattern_mismatch"),
    ({"rounding": {"to": "1", "ending": "1"}}, "/rules/0/rounding", "ending_too_large"),
    ({"rounding": {"to": "1", "mode": "even"}}, "/rules/0/rounding/mode", "enum"),
    ({"category_id": f"pct_{NOBODY}"}, "/rules/0/category_id", "unknown_reference"),
]


async def put(client: AsyncClient, of: Json, **said: Any) -> Response:
    return await client.patch(f"/price-books/{of['id']}", json=said)


async def act(client: AsyncClient, of: Json, verb: str) -> Response:
    return await client.post(f"/price-books/{of['id']}/{verb}")


async def test_a_book_is_answered_as_it_was_said(client: AsyncClient) -> None:
    above = await book(client, prices_include_tax=True)
    machines = await category(client)
    said = {
        "name": "经销商价",
        "code": "DEALERS-27",
        "currency": "CNY",
        "parent_id": above["id"],
        "business_unit_id": await unit(client),
        "grade": "A",
        "customer_id": None,
        "valid_from_on": "2027-01-01",
        "valid_until_on": "2028-01-01",
        "prices_include_tax": True,
        "is_default": False,
        "rules": [{**RULES[0], "category_id": machines["id"]}, RULES[1]],
    }
    created = await client.post("/price-books", json=said)
    found = created.json()
    assert found == found | said | {"object": "price_book", "state": "live", "version": 1}
    assert (await client.get(f"/price-books/{found['id']}")).content == created.content
    same = await put(client, found, rules=said["rules"], grade="A")
    assert same.json() == found
    other = (await put(client, found, rules=RULES, grade=None, valid_until_on=None)).json()
    changed = {"rules": RULES, "grade": None, "valid_until_on": None}
    assert other == {**found, **changed, "version": 2, "updated_at": other["updated_at"]}


async def test_books_are_found_by_name_code_and_for_whom_they_are(client: AsyncClient) -> None:
    shanghai, dealer = await unit(client), await customer(client)
    above = await book(client, "经销商价", code="DEALERS-27", valid_until_on="2027-06-01")
    await book(client, "Retail", currency="EUR")
    await book(client, "Unit", business_unit_id=shanghai, parent_id=above["id"])
    await book(client, "Grade", grade="A")
    await book(client, "Contract", customer_id=dealer)
    place = "/price-books"
    for asked_ in ({"q": "经销"}, {"q": "jing xiao"}, {"q": "dealers-2"}, {"code": "DEALERS-27"}):
        assert await names(client, place, **asked_) == ["经销商价"], asked_
    assert await names(client, place, currency="EUR") == ["Retail"]
    assert await names(client, place, business_unit_id=shanghai) == ["Unit"]
    assert await names(client, place, parent_id=above["id"]) == ["Unit"]
    assert await names(client, place, grade="A") == ["Grade"]
    assert await names(client, place, customer_id=dealer) == ["Contract"]
    assert "经销商价" in await names(client, place, in_force_on="2027-05-31")
    assert "经销商价" not in await names(client, place, in_force_on="2027-06-01")


@pytest.mark.parametrize(("part", "pointer", "code"), UNFIT)
async def test_a_rule_that_makes_no_price_is_refused(
    client: AsyncClient, nothing_changes: Unchanged, part: Json, pointer: str, code: str
) -> None:
    body = {"name": "A", "code": "A", "currency": "CNY", "rules": [{**rule(), **part}]}
    async with nothing_changes():
        assert wrong(await client.post("/price-books", json=body)) == [(pointer, code)]


async def test_a_book_has_fifty_rules_at_most(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    of = await book(client, rules=[rule()] * 50)
    async with nothing_changes():
        answer = await put(client, of, rules=[rule()] * 51)
        assert wrong(answer) == [("/rules", "too_long")]


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        (
            {"valid_from_on": "2027-01-01", "valid_until_on": "2027-01-01"},
            "/valid_until_on",
            "ends_too_early",
        ),
        ({"is_default": True, "grade": "A"}, "/is_default", "default_for_everybody"),
        ({"business_unit_id": f"bun_{NOBODY}"}, "/business_unit_id", "unknown_reference"),
        ({"customer_id": f"cus_{NOBODY}"}, "/customer_id", "unknown_reference"),
        ({"parent_id": f"pbk_{NOBODY}"}, "/parent_id", "unknown_reference"),
    ],
)
async def test_what_cannot_be_of_one_book_is_refused(
    client: AsyncClient, nothing_changes: Unchanged, said: Json, pointer: str, code: str
) -> None:
    of = await book(client)
    async with nothing_changes():
        body = {"name": "A", "code": "A", "currency": "CNY", **said}
        for answer in (await client.post("/price-books", json=body), await put(client, of, **said)):
            assert wrong(answer) == [(pointer, code)]


async def test_a_book_is_for_a_customer_or_for_a_grade_and_names_nothing_archived(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    dealer, gone, machines = await customer(client), await customer(client), await category(client)
    await client.post(f"/customers/{gone}/archive")
    await client.post(f"/product-categories/{machines['id']}/archive")
    of = await book(client, customer_id=dealer)
    async with nothing_changes():
        assert wrong(await put(client, of, grade="A")) == [("/grade", "customer_and_grade")]
        archived = await put(client, of, customer_id=gone)
        assert wrong(archived, 409) == [("/customer_id", "customer_archived")]
        archived = await put(client, of, rules=[rule(category_id=machines["id"])])
        assert wrong(archived, 409) == [("/rules/0/category_id", "product_category_archived")]
    await client.post(f"/customers/{dealer}/archive")
    assert (await put(client, of, customer_id=dealer, name="Kept")).status_code == 200


async def test_a_parent_has_the_same_currency_and_tax(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    of, euro = await book(client), await book(client, currency="EUR")
    with_tax = await book(client, prices_include_tax=True)
    async with nothing_changes():
        other = await put(client, of, parent_id=euro["id"])
        assert wrong(other) == [("/parent_id", "other_currency")]
        other = await put(client, of, parent_id=with_tax["id"])
        assert wrong(other) == [("/parent_id", "other_tax")]


async def test_books_stand_six_deep_and_never_below_themselves(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    line = [await book(client)]
    for _ in range(5):
        line.append(await book(client, parent_id=line[-1]["id"]))
    async with nothing_changes():
        body = {"name": "7", "code": "7", "currency": "CNY", "parent_id": line[-1]["id"]}
        deeper = await client.post("/price-books", json=body)
        assert wrong(deeper) == [("/parent_id", "too_deep")]
        for below in line:
            around = await put(client, line[0], parent_id=below["id"])
            assert wrong(around) == [("/parent_id", "circular_parent")]


async def test_parents_chosen_at_the_same_time_leave_a_tree(client: AsyncClient) -> None:
    dice = Random(11)
    found = [await book(client, str(n)) for n in range(5)]
    for _ in range(5):
        pairs = [dice.sample(found, 2) for _ in range(8)]
        answers = await asyncio.gather(
            *(put(client, one, parent_id=other["id"]) for one, other in pairs)
        )
        assert {answer.status_code for answer in answers} <= {200, 422}
    above = {one["id"]: one["parent_id"] for one in await listed(client, "/price-books")}
    for id in above:
        steps = [id]
        while above[steps[-1]]:
            steps.append(above[steps[-1]])
            assert len(steps) == len(set(steps)) <= 6


async def test_a_currency_has_one_live_default_book_however_many_are_made_at_once(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    bodies = [
        {"name": "Default", "code": f"D{n}", "currency": "CNY", "is_default": True}
        for n in range(5)
    ]
    answers = await asyncio.gather(*(client.post("/price-books", json=body) for body in bodies))
    [first] = [answer.json() for answer in answers if answer.status_code == 201]
    problem = refused(next(a for a in answers if a.status_code != 201), 409, "duplicate-value")
    assert problem["errors"][0]["pointer"] == "/is_default"
    assert problem["existing"] == {"object": "price_book", "id": first["id"]}
    await book(client, currency="EUR", is_default=True)
    await act(client, first, "archive")
    second = await book(client, is_default=True)
    async with nothing_changes():
        refused(await act(client, first, "restore"), 409, "duplicate-value")
    await put(client, second, is_default=False)
    assert (await act(client, first, "restore")).status_code == 200


async def test_an_archived_book_is_not_changed(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    of, other = await book(client), await book(client)
    child = await book(client, parent_id=of["id"])
    assert (await act(client, of, "archive")).json()["state"] == "archived"
    async with nothing_changes():
        refused(await put(client, of, name="X"), 409, "conflict")
        refused(await act(client, of, "archive"), 409, "invalid-transition")
        new = {"name": "A", "code": "A", "currency": "CNY", "parent_id": of["id"]}
        below = await client.post("/price-books", json=new)
        assert wrong(below) == [("/parent_id", "archived_reference")]
        moved = await put(client, other, parent_id=of["id"])
        assert wrong(moved) == [("/parent_id", "archived_reference")]
    kept = await put(client, child, parent_id=of["id"], name="Kept")
    assert (kept.status_code, kept.json()["name"]) == (200, "Kept")
    assert (await act(client, of, "restore")).json()["state"] == "live"


async def test_roles_that_do_not_see_costs_do_not_see_the_rules_that_tell_of_them(
    client: AsyncClient, with_key: WithKey
) -> None:
    of = await book(client, rules=RULES)
    group = await grown(client, with_key)
    for role in ("sales", "service_agent"):
        seen = await (await group.hire(role)).client.get(f"/price-books/{of['id']}")
        assert seen.json() == {**of, "rules": []}
    for role in ("unit_manager", "finance", "auditor", "integration"):
        seen = await (await group.hire(role)).client.get(f"/price-books/{of['id']}")
        assert seen.json() == of
    blind = (await group.hire("marketer")).client
    refused(await blind.get(f"/price-books/{of['id']}"), 403, "forbidden")


async def test_books_of_others_are_not_there(
    caller: NewClient, new_tenant_: NewTenant, client: AsyncClient
) -> None:
    theirs = await book(client, customer_id=await customer(client))
    mine = await caller(tenant=await new_tenant_())
    assert (await mine.get(f"/price-books/{theirs['id']}")).status_code == 404
    assert await listed(mine, "/price-books", customer_id=theirs["customer_id"]) == []


@pytest.mark.parametrize(
    "unfit",
    [
        "parent_id = id",
        "currency = 'EUR'",
        "grade = 'A', customer_id = gen_random_uuid()",
        "is_default = true, grade = 'A'",
        "valid_from_on = '2027-01-01', valid_until_on = '2027-01-01'",
        "state = 'merged'",
    ],
)
async def test_the_database_keeps_no_book_that_cannot_be(
    client: AsyncClient, admin: "Admin[Any]", unfit: str
) -> None:
    above = await book(client)
    of = await book(client, parent_id=above["id"])
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await admin.execute(f"UPDATE price_books SET {unfit} WHERE id = $1", UUID(of["id"][4:]))


async def test_a_unit_tells_of_the_books_that_stand_in_it(client: AsyncClient) -> None:
    shanghai = await unit(client)
    await book(client, business_unit_id=shanghai)
    body = {"parent_id": None}
    preview = await made(client, f"/business-units/{shanghai}/preview-move", body, 200)
    assert preview["residents"]["price_book"] == 1
