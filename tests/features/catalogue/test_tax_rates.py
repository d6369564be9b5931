"""Tax rates as a front end meets them, and what other features ask of them."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from httpx import AsyncClient, Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_api.cli.unit import operator
from crm_api.features.catalogue.tax_rates.schemas import TaxRateCreate
from crm_api.features.catalogue.tax_rates.service import TaxRateService
from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.kit.work import UnitOfWork
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.grouping import made

Json = dict[str, Any]
VAT: Json = {
    "tax_class": "standard",
    "region": "CN",
    "percent": "13",
    "name": "增值税",
    "valid_from_on": "2026-01-01",
}


async def enter(client: AsyncClient, **said: Any) -> Json:
    return await made(client, "/tax-rates", VAT | said)


def overlapping(answer: Response, other: Json | None = None) -> bool:
    """Whether it is refused because another rate is in force."""
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "period-overlaps"), problem
    (mistake,) = problem["errors"]
    assert (mistake["pointer"], mistake["code"]) == ("/valid_from_on", "overlaps")
    assert "let the other one end before" in mistake["message"]
    if other:
        assert problem["existing"] == {"object": "tax_rate", "id": other["id"]}
    return True


async def test_a_rate_is_answered_as_it_was_entered(client: AsyncClient) -> None:
    rate = await enter(client, percent="13.50", valid_until_on="2027-01-01")
    told = {**VAT, "percent": "13.5", "valid_until_on": "2027-01-01", "object": "tax_rate"}
    assert rate.items() >= told.items()
    assert (await client.get(f"/tax-rates/{rate['id']}")).json() == rate
    assert (await client.get("/tax-rates")).json()["data"] == [rate]


@pytest.mark.parametrize("percent", ["0", "0.0001", "12.3456", "99.9999", "100"])
async def test_percents_are_exact(client: AsyncClient, percent: str) -> None:
    rate = await enter(client, percent=percent)
    assert (rate["percent"], rate["valid_until_on"]) == (percent, None)


async def test_what_makes_no_sense_is_told_and_not_kept(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    for body, pointer, code in (
        ({"percent": 13}, "/percent", "string_type"),
        ({"percent": "100.0001"}, "/percent", "string_pattern_mismatch"),
        ({"percent": "101"}, "/percent", "string_pattern_mismatch"),
        ({"percent": "-1"}, "/percent", "string_pattern_mismatch"),
        ({"percent": "013"}, "/percent", "string_pattern_mismatch"),
        ({"percent": "13.00000"}, "/percent", "string_pattern_mismatch"),
        ({"percent": "13 %"}, "/percent", "string_pattern_mismatch"),
        ({"tax_class": "Standard"}, "/tax_class", "string_pattern_mismatch"),
        ({"tax_class": "1st"}, "/tax_class", "string_pattern_mismatch"),
        ({"tax_class": "a" * 41}, "/tax_class", "string_pattern_mismatch"),
        ({"region": "cn"}, "/region", "string_pattern_mismatch"),
        ({"region": "CHN"}, "/region", "string_pattern_mismatch"),
        ({"region": "CN-"}, "/region", "string_pattern_mismatch"),
        ({"region": "US-NYCX"}, "/region", "string_pattern_mismatch"),
        ({"name": " "}, "/name", "string_pattern_mismatch"),
        ({"valid_from_on": "2026-02-30"}, "/valid_from_on", "date_invalid"),
        ({"valid_from_on": None}, "/valid_from_on", "date_invalid"),
        ({"valid_until_on": "2026-01-01"}, "/valid_until_on", "ends_too_early"),
        ({"valid_until_on": "2025-12-31"}, "/valid_until_on", "ends_too_early"),
        ({"rate": "13"}, "/rate", "extra_forbidden"),
    ):
        async with nothing_changes():
            answer = await client.post("/tax-rates", json=VAT | body)
        assert answer.status_code == 422, body
        (mistake,) = answer.json()["errors"]
        assert (mistake["pointer"], mistake["code"]) == (pointer, code), body


async def test_of_a_class_and_region_one_rate_is_in_force_at_a_time(
    client: AsyncClient, caller: NewClient, nothing_changes: Unchanged
) -> None:
    rate = await enter(client, valid_from_on="2026-01-01", valid_until_on="2027-01-01")
    for begins, ends in (
        ("2026-01-01", "2027-01-01"),
        ("2025-01-01", "2026-01-02"),
        ("2026-12-31", None),
        ("2026-06-01", "2026-06-02"),
        ("2025-01-01", None),
    ):
        async with nothing_changes():
            body = VAT | {"valid_from_on": begins, "valid_until_on": ends}
            assert overlapping(await client.post("/tax-rates", json=body), rate)
    await enter(client, valid_from_on="2025-01-01", valid_until_on="2026-01-01")
    await enter(client, valid_from_on="2027-01-01")
    await enter(client, tax_class="reduced")
    await enter(client, region="CN-31")
    await enter(await caller())


async def test_a_rate_follows_the_one_that_was_let_end(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    old = await enter(client)
    new = {"percent": "12", "valid_from_on": "2027-01-01"}
    async with nothing_changes():
        assert overlapping(await client.post("/tax-rates", json=VAT | new), old)
    place = f"/tax-rates/{old['id']}"
    ended = await client.patch(place, json={"valid_until_on": "2027-01-01"})
    assert (ended.status_code, ended.json()["version"]) == (200, 2)
    later = await enter(client, **new)
    for body in ({"valid_until_on": "2027-01-02"}, {"valid_until_on": None}):
        async with nothing_changes():
            assert overlapping(await client.patch(place, json=body), later)
    for day, found in (("2026-12-31", old), ("2027-01-01", later)):
        asked = {"in_force_on": day}
        (rate,) = (await client.get("/tax-rates", params=asked)).json()["data"]
        assert rate["id"] == found["id"]


async def test_a_rate_is_corrected_and_keeps_its_class_and_region(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    rate = await enter(client)
    place = f"/tax-rates/{rate['id']}"
    async with nothing_changes():
        same = await client.patch(place, json={"percent": "13.0", "valid_until_on": None})
        for body in ({"tax_class": "zero"}, {"region": "DE"}, {"valid_from_on": None}):
            assert (await client.patch(place, json=body)).status_code == 422, body
        ends = await client.patch(place, json={"valid_until_on": "2026-01-01"})
        stale = await client.patch(place, json={"percent": "9"}, headers={"If-Match": '"7"'})
    assert (same.status_code, same.json()) == (200, rate)
    assert ends.json()["errors"][0]["code"] == "ends_too_early"
    assert stale.status_code == 412
    said = {"percent": "9", "name": "VAT", "valid_from_on": "2026-02-01"}
    corrected = (await client.patch(place, json=said)).json()
    assert corrected.items() >= {**said, "version": 2}.items()


async def test_the_history_of_a_rate_tells_how_it_was_corrected_and_deleted(
    client: AsyncClient, house: House
) -> None:
    place = f"/tax-rates/{(await enter(client))['id']}"
    await client.patch(place, json={"percent": "9"})
    assert (await client.delete(place)).status_code == 204
    assert (await client.get(place)).status_code == 404
    await Sequencer(house.pool).number_all()
    changes = (await client.get(f"{place}/history")).json()["data"]
    assert [one["type"] for one in changes] == [
        "tax_rate.deleted",
        "tax_rate.updated",
        "tax_rate.created",
    ]
    assert changes[1]["changes"]["percent"] == {"old": "13", "new": "9"}
    await enter(client)


async def test_of_two_that_overlap_and_are_entered_at_once_one_is_entered(
    client: AsyncClient,
) -> None:
    for number in range(10):
        said = VAT | {"tax_class": f"class_{number}"}
        bodies = [said, said | {"valid_from_on": "2026-03-01", "percent": "9"}]
        answers = await asyncio.gather(*(client.post("/tax-rates", json=b) for b in bodies))
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        (entered,) = (answer.json() for answer in answers if answer.status_code == 201)
        (refused,) = (answer for answer in answers if answer.status_code == 409)
        assert overlapping(refused, entered)


async def test_of_two_that_come_to_overlap_at_once_one_is_changed(client: AsyncClient) -> None:
    for number in range(10):
        said = {"tax_class": f"class_{number}"}
        first = await enter(client, **said, valid_until_on="2026-02-01")
        second = await enter(client, **said, valid_from_on="2026-04-01")
        answers = await asyncio.gather(
            client.patch(f"/tax-rates/{first['id']}", json={"valid_until_on": "2026-03-02"}),
            client.patch(f"/tax-rates/{second['id']}", json={"valid_from_on": "2026-03-01"}),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        (refused,) = (answer for answer in answers if answer.status_code == 409)
        assert overlapping(refused, second if refused is answers[0] else first)


async def test_who_may_not_read_rates_is_not_told_which_one_there_is(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    await enter(await caller(tenant=tenant))
    writer = await caller("tax_rates:write", tenant=tenant)
    async with nothing_changes():
        answer = await writer.post("/tax-rates", json=VAT)
    assert overlapping(answer)
    assert "existing" not in answer.json()


async def test_rates_are_found_by_class_region_and_day(client: AsyncClient) -> None:
    china = await enter(client, valid_until_on="2027-01-01")
    shanghai = await enter(client, region="CN-31")
    books = await enter(client, tax_class="reduced", valid_from_on="2026-06-01")
    for query, found in (
        ("", [books, shanghai, china]),
        ("sort=created_at", [china, shanghai, books]),
        ("tax_class=standard", [shanghai, china]),
        ("tax_class=standard&tax_class=reduced&region=CN", [books, china]),
        ("region=CN-31", [shanghai]),
        ("in_force_on=2026-01-01", [shanghai, china]),
        ("in_force_on=2026-12-31&region=CN", [books, china]),
        ("in_force_on=2027-01-01", [books, shanghai]),
        ("in_force_on=2025-12-31", []),
    ):
        answer = await client.get(f"/tax-rates?{query}")
        assert answer.json()["data"] == found, query


async def test_whoever_only_reads_rates_enters_none(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    rate = await enter(await caller(tenant=tenant))
    reader = await caller("tax_rates:read", tenant=tenant)
    place = f"/tax-rates/{rate['id']}"
    assert (await reader.get(place)).json() == rate
    async with nothing_changes():
        for answer in (
            await reader.post("/tax-rates", json=VAT | {"region": "DE"}),
            await reader.patch(place, json={"percent": "1"}),
            await reader.delete(place),
        ):
            assert answer.status_code == 403


async def put(house: House, tenant: Tenant, *rates: Json) -> None:
    ctx = operator(house, tenant)
    for rate in rates:
        await TaxRateService(ctx).create(TaxRateCreate.model_validate(VAT | rate))
    await ctx.finish()


async def test_what_is_in_force_is_found_in_one_statement_without_a_transaction(
    house: House, new_tenant_: NewTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = await new_tenant_()
    await put(house, tenant, {}, {"tax_class": "zero", "percent": "0"}, {"region": "CN-31"})
    await put(house, await new_tenant_(), {"tax_class": "reduced"})
    monkeypatch.delattr(UnitOfWork, "rows")
    service = TaxRateService(operator(house, tenant))
    found = await service.in_force(["standard", "zero", "reduced"], "CN-44", date(2026, 5, 1))
    told = {of: (rate.percent, rate.name) for of, rate in found.items()}
    assert told == {"standard": (Decimal(13), "增值税"), "zero": (Decimal(0), "增值税")}
    assert await service.in_force([], "CN", date(2026, 5, 1)) == {}
    assert await service.in_force(["standard"], "DE", date(2026, 5, 1)) == {}


REGIONS = ("CN", "CN-31", "CN-44", "US", "US-NY")
CLASSES = ("standard", "reduced", "zero")
BEGIN = date(2026, 1, 1)
Days = dict[tuple[str, str], list[tuple[int, int | None]]]


def on(number: int) -> date:
    return BEGIN + timedelta(days=number)


@st.composite
def periods(draw: st.DrawFn) -> list[tuple[int, int | None]]:
    """One after the other, some with days between, the last perhaps for ever."""
    cuts = sorted(draw(st.sets(st.integers(0, 12), min_size=2, max_size=7)))
    spans: list[tuple[int, int | None]] = list(pairwise(cuts))
    kept = [span for span in spans if draw(st.booleans())]
    return [*kept, (cuts[-1], None)] if draw(st.booleans()) else kept


KNOWN = st.dictionaries(
    st.tuples(st.sampled_from(CLASSES), st.sampled_from(REGIONS)), periods(), max_size=8
)


def naive(known: Days, of: str, region: str, day: int) -> tuple[str, int] | None:
    """The region and the begin of what is in force."""
    for place in (region, region[:2]):
        for begin, end in known.get((of, place), ()):
            if begin <= day and (end is None or day < end):
                return place, begin
    return None


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(known=KNOWN, asked=st.sets(st.sampled_from(CLASSES)))
async def test_the_rate_of_a_region_goes_before_that_of_its_country(
    house: House, new_tenant_: NewTenant, known: Days, asked: set[str]
) -> None:
    tenant = await new_tenant_()
    rates = [
        {
            "tax_class": of,
            "region": region,
            "name": f"{region} {begin}",
            "valid_from_on": on(begin),
            "valid_until_on": None if end is None else on(end),
        }
        for (of, region), spans in known.items()
        for begin, end in spans
    ]
    await put(house, tenant, *rates)
    service = TaxRateService(operator(house, tenant))
    for region in (*REGIONS, "US-CA", "DE"):
        for day in range(0, 14, 3):
            expected = {of: naive(known, of, region, day) for of in asked}
            found = await service.in_force(asked, region, on(day))
            told = {of: f"{place[0]} {place[1]}" for of, place in expected.items() if place}
            assert {of: rate.name for of, rate in found.items()} == told
