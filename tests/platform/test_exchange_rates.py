"""Exchange rates as a front end and a daily feed meet them."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_api.cli.unit import operator
from crm_api.kit.context import House
from crm_api.kit.projection import Written
from crm_api.platform.exchange_rates.schemas import ExchangeRateBatch
from crm_api.platform.exchange_rates.service import ExchangeRateService
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient, NewTenant, Unchanged

Json = dict[str, Any]
USD: Json = {"currency": "USD", "rate": "7.0912", "valid_from_on": "2026-01-05", "source": "PBoC"}


async def enter(client: AsyncClient, **said: Any) -> Json:
    answer = await client.post("/exchange-rates", json=USD | said)
    assert answer.status_code == 201, answer.text
    rate: Json = answer.json()
    return rate


async def load(client: AsyncClient, *items: Json, **said: Any) -> Response:
    return await client.post("/exchange-rates/batch-upsert", json={"items": items, **said})


async def listed(client: AsyncClient, query: str) -> list[Json]:
    answer = await client.get(f"/exchange-rates?{query}")
    assert answer.status_code == 200, answer.text
    rates: list[Json] = answer.json()["data"]
    return rates


def days(rates: list[Json]) -> list[str]:
    return [rate["valid_from_on"] for rate in rates]


def outcomes(answer: Response) -> list[str]:
    return [one["outcome"] for one in answer.json()["data"]]


async def test_a_rate_is_answered_as_it_was_entered(client: AsyncClient) -> None:
    rate = await enter(client, rate="7.0900")
    told = {**USD, "rate": "7.09", "base_currency": "CNY", "object": "exchange_rate"}
    assert rate.items() >= told.items()
    assert (await client.get(f"/exchange-rates/{rate['id']}")).json() == rate
    assert await listed(client, "") == [rate]


@pytest.mark.parametrize("text", ["0.0000000001", "999999999999.9999999999", "1", "150.05"])
async def test_a_rate_is_exact(client: AsyncClient, text: str) -> None:
    assert (await enter(client, rate=text))["rate"] == text


async def test_a_rate_leads_to_the_currency_that_is_the_base_when_it_is_entered(
    caller: NewClient, new_tenant_: NewTenant
) -> None:
    client = await caller(tenant=await new_tenant_(base_currency="EUR"))
    first = await enter(client)
    assert first["base_currency"] == "EUR"
    await client.patch("/tenant", json={"base_currency": "JPY"})
    second = await enter(client)
    assert second["base_currency"] == "JPY"
    assert (await client.get(f"/exchange-rates/{first['id']}")).json() == first
    assert (await enter(client, base_currency="CNY"))["base_currency"] == "CNY"


async def test_what_makes_no_sense_is_told_and_not_kept(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    for body, pointer, code in (
        ({"rate": 7.0912}, "/rate", "string_type"),
        ({"rate": 7}, "/rate", "string_type"),
        ({"rate": "0"}, "/rate", "rate_not_positive"),
        ({"rate": "0.0000000000"}, "/rate", "rate_not_positive"),
        ({"rate": "-7"}, "/rate", "string_pattern_mismatch"),
        ({"rate": "1e3"}, "/rate", "string_pattern_mismatch"),
        ({"rate": "NaN"}, "/rate", "string_pattern_mismatch"),
        ({"rate": "07.1"}, "/rate", "string_pattern_mismatch"),
        ({"rate": "1000000000000"}, "/rate", "string_pattern_mismatch"),
        ({"rate": "0.00000000001"}, "/rate", "string_pattern_mismatch"),
        ({"currency": "XXX"}, "/currency", "currency_unknown"),
        ({"currency": "CNY"}, "/currency", "same_currency"),
        ({"base_currency": "USD"}, "/currency", "same_currency"),
        ({"base_currency": None}, "/base_currency", "string_type"),
        ({"valid_from_on": "2026-02-30"}, "/valid_from_on", "date_invalid"),
        ({"valid_from_on": "2026-01-05T00:00:00Z"}, "/valid_from_on", "date_invalid"),
        ({"source": " "}, "/source", "string_pattern_mismatch"),
        ({"inverse": True}, "/inverse", "extra_forbidden"),
    ):
        async with nothing_changes():
            answer = await client.post("/exchange-rates", json=USD | body)
        assert answer.status_code == 422, body
        (mistake,) = answer.json()["errors"]
        assert (mistake["pointer"], mistake["code"]) == (pointer, code), body


async def test_two_rates_cannot_begin_on_one_day(
    client: AsyncClient, caller: NewClient, nothing_changes: Unchanged
) -> None:
    first = await enter(client)
    async with nothing_changes():
        answer = await client.post("/exchange-rates", json=USD | {"rate": "7"})
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate-value")
    assert answer.json()["existing"] == {"object": "exchange_rate", "id": first["id"]}
    assert answer.json()["errors"][0]["pointer"] == "/valid_from_on"
    await enter(client, valid_from_on="2026-01-06")
    await enter(client, base_currency="EUR")
    await enter(client, currency="GBP")
    await enter(await caller())


async def test_of_two_that_begin_on_one_day_at_once_one_is_entered(client: AsyncClient) -> None:
    for number in range(5):
        said = USD | {"valid_from_on": f"2026-03-0{number + 1}"}
        both = (client.post("/exchange-rates", json=said | {"rate": rate}) for rate in ("7", "8"))
        answers = await asyncio.gather(*both)
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        (entered,) = (answer.json() for answer in answers if answer.status_code == 201)
        (refused,) = (answer.json() for answer in answers if answer.status_code == 409)
        assert refused["existing"]["id"] == entered["id"]
        assert (await listed(client, "limit=1"))[0] == entered


async def test_a_rate_is_corrected_and_keeps_its_pair_and_its_day(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    rate = await enter(client)
    place = f"/exchange-rates/{rate['id']}"
    async with nothing_changes():
        same = await client.patch(place, json={"rate": "7.09120", "source": "PBoC"})
        for field in ("currency", "base_currency", "valid_from_on"):
            answer = await client.patch(place, json={field: USD.get(field, "CNY")})
            assert answer.status_code == 422, field
        stale = await client.patch(place, json={"rate": "8"}, headers={"If-Match": '"7"'})
    assert (same.status_code, same.json()) == (200, rate)
    assert stale.status_code == 412
    corrected = (await client.patch(place, json={"rate": "7.1", "source": None})).json()
    assert (corrected["rate"], corrected["source"], corrected["version"]) == ("7.1", None, 2)


async def test_the_history_of_a_rate_tells_how_it_was_corrected_and_deleted(
    client: AsyncClient, house: House
) -> None:
    rate = await enter(client)
    await client.patch(f"/exchange-rates/{rate['id']}", json={"rate": "7.1"})
    await client.delete(f"/exchange-rates/{rate['id']}")
    await Sequencer(house.pool).number_all()
    changes = (await client.get(f"/exchange-rates/{rate['id']}/history")).json()["data"]
    assert [one["type"] for one in changes] == [
        "exchange_rate.deleted",
        "exchange_rate.updated",
        "exchange_rate.created",
    ]
    assert changes[1]["changes"]["rate"] == {"old": "7.0912", "new": "7.1"}


async def test_where_a_rate_is_deleted_the_one_before_it_is_in_force(client: AsyncClient) -> None:
    first = await enter(client)
    wrong = await enter(client, valid_from_on="2026-01-06", rate="70.912")
    assert await listed(client, "in_force_on=2026-02-01") == [wrong]
    assert (await client.delete(f"/exchange-rates/{wrong['id']}")).status_code == 204
    assert (await client.get(f"/exchange-rates/{wrong['id']}")).status_code == 404
    assert await listed(client, "in_force_on=2026-02-01") == [first]


async def test_rates_are_found_by_pair_and_by_days(client: AsyncClient) -> None:
    for day in ("2026-01-07", "2026-01-05", "2026-01-06"):
        await enter(client, valid_from_on=day)
    await enter(client, currency="EUR", base_currency="GBP", valid_from_on="2026-01-08")
    eighth, seventh, sixth, fifth = (f"2026-01-0{n}" for n in (8, 7, 6, 5))
    for query, found in (
        ("", [eighth, seventh, sixth, fifth]),
        ("sort=valid_from_on", [fifth, sixth, seventh, eighth]),
        ("sort=-created_at", [eighth, sixth, fifth, seventh]),
        ("sort=created_at", [seventh, fifth, sixth, eighth]),
        ("currency=USD", [seventh, sixth, fifth]),
        ("currency=USD&currency=EUR&valid_from_on__gte=2026-01-07", [eighth, seventh]),
        ("base_currency=GBP", [eighth]),
        ("currency=USD&base_currency=GBP", []),
        ("valid_from_on__gte=2026-01-06&valid_from_on__lt=2026-01-08", [seventh, sixth]),
    ):
        assert days(await listed(client, query)) == found, query


async def test_of_each_pair_one_rate_is_in_force_on_a_day(client: AsyncClient) -> None:
    usd = await enter(client, valid_from_on="2026-01-05")
    eur = await enter(client, currency="EUR", valid_from_on="2026-01-07")
    old = await enter(client, currency="EUR", base_currency="GBP", valid_from_on="2025-01-01")
    await enter(client, valid_from_on="2026-01-09")
    assert await listed(client, "in_force_on=2026-01-08") == [eur, usd, old]
    assert await listed(client, "in_force_on=2026-01-08&base_currency=CNY") == [eur, usd]
    assert await listed(client, "in_force_on=2026-01-06&currency=EUR") == [old]
    assert await listed(client, "in_force_on=2024-12-31") == []
    page = (await client.get("/exchange-rates?in_force_on=2026-01-08&limit=2&include=total")).json()
    assert (page["data"], page["total"]["value"]) == ([eur, usd], 3)
    rest = f"in_force_on=2026-01-08&limit=2&include=total&cursor={page['next_cursor']}"
    assert await listed(client, rest) == [old]


PAIRS = st.tuples(st.sampled_from(["USD", "EUR", "JPY"]), st.sampled_from(["CNY", "HKD"]))
KEYS = st.sets(st.tuples(PAIRS, st.integers(0, 9)), min_size=1, max_size=40)
BEGUN = date(2026, 1, 1)


def on(day: int) -> str:
    return (BEGUN + timedelta(days=day)).isoformat()


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(keys=KEYS, asked=st.lists(st.integers(-1, 11), min_size=1, max_size=4))
async def test_what_is_in_force_is_what_a_naive_look_finds(
    caller: NewClient, keys: set[Any], asked: list[int]
) -> None:
    client = await caller()
    loaded = [
        {"currency": c, "base_currency": b, "valid_from_on": on(day), "rate": f"{n + 1}.5"}
        for n, ((c, b), day) in enumerate(sorted(keys))
    ]
    assert (await load(client, *loaded)).status_code == 200
    for day in asked:
        latest: dict[Any, Json] = {}
        for one in sorted(loaded, key=lambda one: one["valid_from_on"]):
            if one["valid_from_on"] <= on(day):
                latest[one["currency"], one["base_currency"]] = one
        found = await listed(client, f"in_force_on={on(day)}&limit=200")
        told = {(rate["currency"], rate["base_currency"]): rate for rate in found}
        assert len(told) == len(found)
        assert {pair: rate["rate"] for pair, rate in told.items()} == {
            pair: one["rate"] for pair, one in latest.items()
        }


async def test_the_rates_of_a_day_are_loaded_at_once_and_again_without_a_change(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    entered = await enter(client)
    corrected = {**USD, "rate": "7.1"}
    eur = {"currency": "EUR", "rate": "8.2", "valid_from_on": "2026-01-05"}
    answer = await load(client, corrected, eur)
    assert (answer.status_code, outcomes(answer)) == (200, ["updated", "created"])
    assert answer.json()["data"][0]["id"] == entered["id"]
    async with nothing_changes():
        again = await load(client, corrected, eur, {**USD, "base_currency": "CNY", "rate": "7.10"})
        assert again.status_code == 422
        again = await load(client, corrected, eur)
    assert (again.status_code, outcomes(again)) == (200, ["unchanged", "unchanged"])
    assert [one["version"] for one in again.json()["data"]] == [2, 1]


async def test_a_source_that_a_batch_does_not_send_stays(client: AsyncClient) -> None:
    rate = await enter(client)
    sent = {name: USD[name] for name in ("currency", "valid_from_on")} | {"rate": "7.1"}
    await load(client, sent)
    read = (await client.get(f"/exchange-rates/{rate['id']}")).json()
    assert (read["rate"], read["source"]) == ("7.1", "PBoC")
    await load(client, sent | {"source": None})
    assert (await client.get(f"/exchange-rates/{rate['id']}")).json()["source"] is None


async def test_a_bad_rate_of_a_batch_costs_only_itself(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    items = [USD, {**USD, "currency": "CNY"}, {**USD, "currency": "EUR", "rate": 8}]
    async with nothing_changes():
        whole = await load(client, *items, atomic=True)
    assert (whole.status_code, whole.json()["code"]) == (422, "validation-failed")
    pointers = [mistake["pointer"] for mistake in whole.json()["errors"]]
    assert pointers == ["/items/1/currency", "/items/2/rate"]
    answer = await load(client, *items)
    assert (answer.status_code, outcomes(answer)) == (207, ["created", "failed", "failed"])
    problems = [one["problem"] for one in answer.json()["data"][1:]]
    assert [one["errors"][0]["pointer"] for one in problems] == ["/currency", "/rate"]
    only_bad = await load(client, *items[1:])
    assert outcomes(only_bad) == ["failed", "failed"]
    assert len(await listed(client, "")) == 1


async def test_a_batch_names_a_day_of_a_pair_once(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    twice = [USD, {**USD, "currency": "EUR"}, {**USD, "base_currency": "CNY", "rate": "7"}]
    async with nothing_changes():
        answer = await load(client, *twice)
    assert answer.status_code == 422
    (mistake,) = answer.json()["errors"]
    assert (mistake["pointer"], mistake["code"]) == ("/items/2", "repeated")
    async with nothing_changes():
        many = [{**USD, "valid_from_on": on(day)} for day in range(101)]
        assert (await load(client, *many)).status_code == 422
        assert (await load(client)).status_code == 422
    assert outcomes(await load(client, *many[:100])) == ["created"] * 100


async def test_many_who_load_the_same_days_at_once_enter_each_once(client: AsyncClient) -> None:
    """In other orders, and while somebody enters one of them by hand."""
    items = [{**USD, "valid_from_on": on(day)} for day in range(20)]
    loads = [load(client, *(items if n % 2 else reversed(items))) for n in range(6)]
    by_hand = [client.post("/exchange-rates", json=item) for item in items[::7]]
    answers = await asyncio.gather(*by_hand, *loads)
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    told = [one["outcome"] for a in answers if a.status_code == 200 for one in a.json()["data"]]
    entered = [answer for answer in answers if answer.status_code == 201]
    assert told.count("created") + len(entered) == 20
    assert set(told) <= {"created", "unchanged"}
    assert [rate["version"] for rate in await listed(client, "")] == [1] * 20


async def test_batches_come_one_after_the_other(house: House, new_tenant_: NewTenant) -> None:
    """Or these two would wait for each other for ever."""
    tenant = await new_tenant_()
    first, second = USD, {**USD, "currency": "EUR"}

    async def put(*items: Json) -> list[str]:
        ctx, told = operator(house, tenant), list[str]()
        for item in items:
            batch = ExchangeRateBatch.model_validate({"items": [item]})
            (done,) = await ExchangeRateService(ctx).upsert(batch)
            assert isinstance(done, Written)
            told.append(done.outcome)
        await ctx.finish()
        return told

    told = await asyncio.gather(put(first, second), put(second, first))
    assert sorted(told) == [["created", "created"], ["unchanged", "unchanged"]]


async def test_a_batch_is_rehearsed_and_repeated_like_any_write(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    body = {"items": [USD]}
    place = "/exchange-rates/batch-upsert"
    async with nothing_changes():
        dry = await client.post(place, json=body, headers={"Crm-Dry-Run": "true"})
    assert outcomes(dry) == ["created"]
    assert dry.headers["crm-dry-run-events"] == "exchange_rate.created"
    first = await client.post(place, json=body, headers={"Idempotency-Key": "feed 1"})
    again = await client.post(place, json=body, headers={"Idempotency-Key": "feed 1"})
    assert again.content == first.content
    assert outcomes(again) == ["created"]


async def test_whoever_only_reads_rates_enters_none(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    rate = await enter(await caller(tenant=tenant))
    reader = await caller("exchange_rates:read", tenant=tenant)
    assert await listed(reader, "in_force_on=2026-02-01") == [rate]
    place = f"/exchange-rates/{rate['id']}"
    async with nothing_changes():
        for answer in (
            await reader.post("/exchange-rates", json=USD),
            await reader.patch(place, json={"rate": "1"}),
            await reader.delete(place),
            await load(reader, USD),
        ):
            assert answer.status_code == 403
