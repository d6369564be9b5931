"""What products cost in the books: one price at a time, however many are entered at once."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient, Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_api.kit.context import House
from crm_api.kit.work import UnitOfWork
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import refused

from .shelf import Json, book, entry, listed, money, named, product, wrong

NOBODY = "f" * 32


async def put(client: AsyncClient, of: Json, **said: Any) -> Response:
    return await client.patch(f"/price-entries/{of['id']}", json=said)


async def batch(client: AsyncClient, *items: Json, **said: Any) -> list[str]:
    answer = await client.post("/price-entries/batch-upsert", json={"items": items, **said})
    assert answer.status_code in (200, 207), answer.text
    return [one["outcome"] for one in answer.json()["data"]]


async def test_a_price_is_answered_as_it_was_said(client: AsyncClient, house: House) -> None:
    of, what = await book(client), await product(client)
    said = {
        **named(of, what),
        "min_quantity": "12.5",
        "unit_price": money("0.012345"),
        "valid_from_on": "2027-01-01",
        "valid_until_on": "2027-02-01",
    }
    created = await client.post("/price-entries", json=said)
    found = created.json()
    assert found == found | said | {"object": "price_entry", "version": 1}
    place = f"/price-entries/{found['id']}"
    assert (await client.get(place)).content == created.content
    other = {"unit_price": money("7.00"), "min_quantity": "10", "valid_until_on": None}
    changed = (await put(client, found, **other)).json()
    assert changed == {**found, **other, "version": 2, "updated_at": changed["updated_at"]}
    assert (await put(client, found, min_quantity="10.000")).json() == changed
    assert (await client.delete(place)).status_code == 204
    assert (await client.get(place)).status_code == 404
    await Sequencer(house.pool).number_all()
    told = [one["type"] for one in await listed(client, f"{place}/history")]
    assert told == [f"price_entry.{verb}" for verb in ("deleted", "updated", "created")]


async def test_a_bare_price_is_for_any_quantity_and_for_ever(client: AsyncClient) -> None:
    one = await entry(client, await book(client), await product(client), "5")
    assert (one["min_quantity"], one["valid_from_on"], one["valid_until_on"]) == ("0", None, None)


async def test_prices_are_listed_by_book_and_product_and_day(client: AsyncClient) -> None:
    books = [await book(client) for _ in range(2)]
    products = [await product(client) for _ in range(2)]
    for of in books:
        for what in products:
            await entry(client, of, what, "5", valid_until_on="2027-01-01")
    later = await entry(client, books[0], products[0], "6", valid_from_on="2027-01-01")
    place, of = "/price-entries", {"price_book_id": books[0]["id"]}
    assert len(await listed(client, place, **of)) == 3
    assert len(await listed(client, place, product_id=products[1]["id"])) == 2
    both = {**named(books[0], products[0]), "in_force_on": "2027-01-01"}
    assert [one["id"] for one in await listed(client, place, **both)] == [later["id"]]


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({"price_book_id": f"pbk_{NOBODY}"}, "/price_book_id", "unknown_reference"),
        ({"product_id": f"prd_{NOBODY}"}, "/product_id", "unknown_reference"),
        ({"unit_price": money("5", "EUR")}, "/unit_price/currency", "other_currency"),
        ({"unit_price": money("-5")}, "/unit_price", "price_negative"),
        ({"min_quantity": "-1"}, "/min_quantity", "string_pattern_mismatch"),
        ({"min_quantity": "1.0001"}, "/min_quantity", "string_pattern_mismatch"),
        (
            {"valid_from_on": "2027-01-01", "valid_until_on": "2026-01-01"},
            "/valid_until_on",
            "ends_too_early",
        ),
    ],
)
async def test_a_price_that_does_not_fit_is_refused(
    client: AsyncClient, nothing_changes: Unchanged, said: Json, pointer: str, code: str
) -> None:
    body = {**named(await book(client), await product(client)), "unit_price": money("5"), **said}
    async with nothing_changes():
        assert wrong(await client.post("/price-entries", json=body)) == [(pointer, code)]
        answer = await client.post("/price-entries/batch-upsert", json={"items": [body]})
        problem = answer.json()["data"][0]["problem"]
        assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [(pointer, code)]


async def test_two_prices_of_a_quantity_cannot_be_in_force_on_one_day(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    of, what = await book(client), await product(client)
    first = await entry(client, of, what, "5", valid_until_on="2027-01-01")
    second = await entry(client, of, what, "6", valid_from_on="2027-01-01")
    await entry(client, of, what, "4", min_quantity="10")
    body = {**named(of, what), "unit_price": money("7")}
    async with nothing_changes():
        overlaps = (
            await client.post("/price-entries", json=body),
            await client.post("/price-entries", json={**body, "valid_from_on": "2030-01-01"}),
            await put(client, second, valid_from_on="2026-12-31"),
            await put(client, second, valid_from_on=None),
            await put(client, first, valid_until_on=None),
        )
        for answer in overlaps:
            problem = refused(answer, 409, "period-overlaps")
            assert problem["errors"][0]["pointer"] == "/valid_from_on"
        assert problem["existing"] == {"object": "price_entry", "id": second["id"]}
    await put(client, first, valid_until_on="2026-12-01")
    moved = await put(client, second, valid_from_on="2026-12-01")
    assert moved.status_code == 200, moved.text


async def test_of_prices_that_are_entered_at_once_one_is_there(client: AsyncClient) -> None:
    of, what = await book(client), await product(client)
    bodies = [
        {**named(of, what), "unit_price": money(str(n)), "valid_from_on": f"2027-01-0{n}"}
        for n in range(1, 9)
    ]
    answers = await asyncio.gather(*(client.post("/price-entries", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]


async def test_prices_of_an_archived_book_stay_as_they_are(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    of, what = await book(client), await product(client)
    one = await entry(client, of, what, "5")
    await client.post(f"/price-books/{of['id']}/archive")
    async with nothing_changes():
        body = {**named(of, what), "unit_price": money("7"), "min_quantity": "5"}
        for answer in (
            await client.post("/price-entries", json=body),
            await put(client, one, unit_price=money("7")),
            await client.delete(f"/price-entries/{one['id']}"),
        ):
            assert wrong(answer, 409) == [("/price_book_id", "price_book_archived")]
        assert await batch(client, body) == ["failed"]


async def test_a_list_of_prices_comes_in_one_request_and_comes_again(client: AsyncClient) -> None:
    of, what = await book(client), await product(client)
    items: list[Json] = [
        {
            **named(of, what),
            "min_quantity": str(n),
            "unit_price": money("5"),
            "valid_from_on": "2027-01-01",
        }
        for n in range(100)
    ]
    items[3]["product_id"] = f"prd_{NOBODY}"
    items[4] |= {"min_quantity": "5", "valid_from_on": "2027-06-01"}
    items[7]["unit_price"] = money("5", "EUR")
    items[9]["unit_price"] = {"amount": 5, "currency": "CNY"}
    outcomes = await batch(client, *items)
    assert [n for n, one in enumerate(outcomes) if one == "failed"] == [3, 5, 7, 9]
    assert outcomes.count("created") == 96
    again = await batch(client, *items)
    assert again.count("unchanged") == 96
    items[0] |= {"unit_price": money("6"), "min_quantity": "0.000"}
    assert (await batch(client, *items[:2])) == ["updated", "unchanged"]


async def test_a_batch_keeps_an_end_that_it_does_not_say_and_is_all_or_nothing_if_it_says_so(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    of, what = await book(client), await product(client)
    one = await entry(client, of, what, "5", valid_until_on="2027-01-01")
    item = {**named(of, what), "unit_price": money("6")}
    assert await batch(client, item) == ["updated"]
    kept = (await client.get(f"/price-entries/{one['id']}")).json()
    assert (kept["valid_until_on"], kept["unit_price"]) == ("2027-01-01", money("6.00"))
    assert await batch(client, {**item, "valid_until_on": None}) == ["updated"]
    unfit = {**item, "product_id": f"prd_{NOBODY}"}
    async with nothing_changes():
        body = {"atomic": True, "items": [{**item, "unit_price": money("9")}, unfit]}
        answer = await client.post("/price-entries/batch-upsert", json=body)
        assert wrong(answer) == [("/items/1/product_id", "unknown_reference")]
        twice = await client.post("/price-entries/batch-upsert", json={"items": [item, item]})
        assert wrong(twice) == [("/items/1", "repeated")]


async def test_a_batch_of_prices_is_written_in_one_statement(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    of, what = await book(client), await product(client)
    write, counted = UnitOfWork._write, []

    async def counting(self: UnitOfWork, *args: Any) -> Any:
        counted.append(1)
        return await write(self, *args)

    monkeypatch.setattr(UnitOfWork, "_write", counting)
    for amount in ("5", "6"):
        items = [
            {**named(of, what), "min_quantity": str(n), "unit_price": money(amount)}
            for n in range(100)
        ]
        assert len(set(await batch(client, *items))) == 1
    assert len(counted) == 2


DAY = st.none() | st.integers(0, 12).map(lambda n: date(2027, 1, 1) + timedelta(days=n))


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sent=st.lists(st.tuples(DAY, DAY, st.sampled_from(["0", "1"])), max_size=8))
async def test_no_two_prices_are_ever_in_force_at_once(
    client: AsyncClient, sent: list[tuple[date | None, date | None, str]]
) -> None:
    """What is there already decides, and what does not overlap it is taken."""
    of, what = await book(client), await product(client)
    kept: list[tuple[date, date, str]] = []
    for begins, ends, quantity in sent:
        span = (begins or date.min, ends or date.max, quantity)
        body = {**named(of, what), "min_quantity": quantity, "unit_price": money("5")}
        body |= {"valid_from_on": begins and begins.isoformat()}
        body |= {"valid_until_on": ends and ends.isoformat()}
        answer = await client.post("/price-entries", json=body)
        overlaps = any(
            quantity == known and first < span[1] and span[0] < last for first, last, known in kept
        )
        unfit = begins is not None and ends is not None and ends <= begins
        assert answer.status_code == (422 if unfit else 409 if overlaps else 201), answer.text
        if answer.status_code == 201:
            kept.append(span)


@pytest.mark.parametrize(
    "unfit",
    [
        "currency = 'EUR'",
        "unit_price = -1",
        "min_quantity = -1",
        "product_id = gen_random_uuid()",
        "price_book_id = gen_random_uuid()",
        "valid_from_on = '2027-01-01', valid_until_on = '2027-01-01'",
    ],
)
async def test_the_database_keeps_no_price_that_cannot_be(
    client: AsyncClient, admin: "Admin[Any]", unfit: str
) -> None:
    one = await entry(client, await book(client), await product(client), "5")
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await admin.execute(f"UPDATE price_entries SET {unfit} WHERE id = $1", UUID(one["id"][4:]))


async def test_prices_of_others_are_not_there_and_their_books_take_none(
    caller: NewClient, new_tenant_: NewTenant, client: AsyncClient
) -> None:
    of, what = await book(client), await product(client)
    theirs = await entry(client, of, what, "5")
    mine = await caller(tenant=await new_tenant_())
    assert (await mine.get(f"/price-entries/{theirs['id']}")).status_code == 404
    own = await product(mine)
    body = {**named(of, own), "unit_price": money("5")}
    answer = await mine.post("/price-entries", json=body)
    assert wrong(answer) == [("/price_book_id", "unknown_reference")]
