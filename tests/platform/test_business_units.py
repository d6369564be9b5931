"""The tree of the group's units, as a front end meets it."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from asyncpg import Connection as Admin
from asyncpg import IntegrityConstraintViolationError
from httpx import AsyncClient

from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from crm_api.platform.business_units.crew import crew
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import refused

Json = dict[str, Any]
ENTITY = {"name": "Sunrise Shanghai", "country": "CN"}


def today(tenant_zone_offset: int = 8) -> date:
    return (datetime.now(UTC) + timedelta(hours=tenant_zone_offset)).date()


def days(number: int) -> str:
    return (today() + timedelta(days=number)).isoformat()


async def unit(client: AsyncClient, name: str, **said: Any) -> Json:
    answer = await client.post("/business-units", json={"name": name, "kind": "branch", **said})
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def entity(client: AsyncClient, **said: Any) -> Json:
    answer = await client.post("/legal-entities", json={**ENTITY, **said})
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def move(client: AsyncClient, moved: Json, **said: Any) -> Json:
    answer = await client.post(f"/business-units/{moved['id']}/move", json=said)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def names(client: AsyncClient, **query: Any) -> list[str]:
    answer = await client.get("/business-units", params={"sort": "name", **query})
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["data"]]


async def path(client: AsyncClient, of: Json, **query: Any) -> list[str]:
    answer = await client.get(f"/business-units/{of['id']}/place", params=query)
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["path"]]


async def group(client: AsyncClient) -> tuple[Json, Json, Json, Json]:
    """East > Shanghai > Shop, and West."""
    east, west = await unit(client, "East"), await unit(client, "West")
    shanghai = await unit(client, "Shanghai", parent_id=east["id"])
    shop = await unit(client, "Shop", parent_id=shanghai["id"])
    return east, shanghai, shop, west


async def test_a_unit_is_answered_as_it_was_said(client: AsyncClient) -> None:
    company = await entity(client)
    east = await unit(client, "East", kind="region", legal_entity_id=company["id"])
    said = {"code": "SH-02", "time_zone": "Asia/Shanghai", "opens_on": "2020-03-01"}
    shop = await unit(client, "上海西", parent_id=east["id"], **said)
    assert said.items() <= shop.items()
    assert (shop["parent_id"], shop["legal_entity_id"], shop["state"]) == (east["id"], None, "live")
    [period] = shop["periods"]
    assert period == {
        "from_on": days(0),  # its parent is known from today on
        "until_on": None,
        "parent_id": east["id"],
        "legal_entity_id": None,
    }
    where = f"/business-units/{shop['id']}"
    assert (await client.get(where)).json() == shop
    patched = await client.patch(where, json={"code": None, "closes_on": "2030-01-01"})
    assert (patched.json()["version"], patched.json()["closes_on"]) == (2, "2030-01-01")
    assert await names(client, q="shang hai") == ["上海西"]
    assert await names(client, kind="region") == ["East"]


async def test_what_a_unit_does_not_say_it_takes_from_above(client: AsyncClient) -> None:
    company = await entity(client)
    week: Json = {"monday": []}
    calendar = await client.post(
        "/business-calendars", json={"name": "Office", "time_zone": "UTC", "week": week}
    )
    top = await unit(
        client,
        "Group",
        legal_entity_id=company["id"],
        calendar_id=calendar.json()["id"],
    )
    middle = await unit(client, "Europe", parent_id=top["id"], time_zone="Europe/Berlin")
    shop = await unit(client, "Hamburg", parent_id=middle["id"])
    place = (await client.get(f"/business-units/{shop['id']}/place")).json()
    assert [one["id"] for one in place["path"]] == [top["id"], middle["id"], shop["id"]]
    assert place["legal_entity_id"] == company["id"]
    assert place["time_zone"] == "Europe/Berlin"
    assert place["calendar_id"] == calendar.json()["id"]
    above = (await client.get(f"/business-units/{top['id']}/place")).json()
    assert above["time_zone"] == "Asia/Shanghai"
    kept = await client.delete(f"/business-calendars/{calendar.json()['id']}")
    refused(kept, 422, "unknown-reference")


async def test_a_move_takes_along_what_is_below(client: AsyncClient) -> None:
    east, shanghai, shop, west = await group(client)
    assert await names(client, under=east["id"]) == ["East", "Shanghai", "Shop"]
    moved = await move(client, shanghai, parent_id=west["id"])
    assert (moved["parent_id"], moved["version"]) == (west["id"], 2)
    assert await names(client, under=east["id"]) == ["East"]
    assert await names(client, under=west["id"]) == ["Shanghai", "Shop", "West"]
    assert await names(client, under=[east["id"], shop["id"]]) == ["East", "Shop"]
    assert await names(client, parent_id=west["id"]) == ["Shanghai"]
    assert await path(client, shop) == ["West", "Shanghai", "Shop"]
    assert (await client.get(f"/business-units/{shop['id']}")).json() == shop
    top = await move(client, moved, parent_id=None)
    assert top["parent_id"] is None
    same = await move(client, moved, parent_id=None)
    assert same["version"] == top["version"]


async def test_a_preview_tells_what_a_move_would_change(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    east, shanghai, shop, west = await group(client)
    company = await entity(client)
    await move(client, west, legal_entity_id=company["id"])
    async with nothing_changes():
        answer = await client.post(
            f"/business-units/{shanghai['id']}/preview-move", json={"parent_id": west["id"]}
        )
        circle = await client.post(
            f"/business-units/{east['id']}/preview-move", json={"parent_id": shop["id"]}
        )
    told = answer.json()
    assert answer.status_code == 200, answer.text
    assert [one["name"] for one in told["path_before"]] == ["East", "Shanghai"]
    assert [one["name"] for one in told["path_after"]] == ["West", "Shanghai"]
    assert (told["legal_entity_id_before"], told["legal_entity_id_after"]) == (None, company["id"])
    assert (told["units_below"], told["from_on"], told["until_on"]) == (1, days(0), None)
    refused(circle, 422, "validation-failed")


async def test_no_unit_stands_below_itself_today_or_by_plan(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    east, shanghai, shop, west = await group(client)
    await move(client, east, parent_id=west["id"], on=days(30))
    for moved, said in (
        (east, {"parent_id": east["id"]}),
        (east, {"parent_id": shop["id"]}),
        (west, {"parent_id": shop["id"]}),  # will be below it in thirty days
        (west, {"parent_id": shop["id"], "on": days(40)}),
    ):
        async with nothing_changes():
            answer = await client.post(f"/business-units/{moved['id']}/move", json=said)
        problem = refused(answer, 422, "validation-failed")
        assert problem["errors"][0]["code"] == "circular_parent", said
        assert problem["errors"][0]["pointer"] == "/parent_id"
    await move(client, shanghai, parent_id=None)
    await move(client, west, parent_id=shop["id"], on=days(40))


async def test_the_tree_has_twelve_levels_at_most(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    line = [await unit(client, "1")]
    for level in range(2, 13):
        line.append(await unit(client, str(level), parent_id=line[-1]["id"]))
    other = await unit(client, "other")
    async with nothing_changes():
        deeper = {"name": "13", "kind": "branch", "parent_id": line[-1]["id"]}
        for answer in (
            await client.post("/business-units", json=deeper),
            await client.post(
                f"/business-units/{line[0]['id']}/move", json={"parent_id": other["id"]}
            ),
        ):
            problem = refused(answer, 422, "validation-failed")
            assert problem["errors"][0]["code"] == "too_deep"
    await move(client, line[1], parent_id=other["id"])
    assert len(await path(client, line[-1])) == 12


async def test_what_is_not_there_is_no_place(
    client: AsyncClient, caller: NewClient, nothing_changes: Unchanged
) -> None:
    east, shanghai, _, _ = await group(client)
    company = await entity(client)
    archived = await unit(client, "Closed")
    await client.post(f"/business-units/{archived['id']}/archive")
    await client.post(f"/legal-entities/{company['id']}/archive")
    theirs = await unit(await caller(), "Theirs")
    where = f"/business-units/{shanghai['id']}"
    for said, pointer, code in (
        ({"parent_id": theirs["id"]}, "/parent_id", "unknown_reference"),
        ({"parent_id": archived["id"]}, "/parent_id", "archived_reference"),
        ({"legal_entity_id": f"leg_{'0' * 32}"}, "/legal_entity_id", "unknown_reference"),
        ({"legal_entity_id": company["id"]}, "/legal_entity_id", "archived_reference"),
    ):
        async with nothing_changes():
            new = {"name": "New", "kind": "shop", **said}
            made = await client.post("/business-units", json=new)
            moved = await client.post(f"{where}/move", json=said)
            planned = await client.post(f"{where}/move", json={**said, "on": days(3)})
        for answer in (made, moved, planned):
            assert answer.status_code == 422, answer.text
            [error] = answer.json()["errors"]
            assert (error["pointer"], error["code"]) == (pointer, code)
    async with nothing_changes():
        early = await client.post(f"{where}/move", json={"parent_id": None, "on": "2001-01-01"})
        nowhere = await client.post(f"{where}/move", json={"on": days(1)})
        dates = {"opens_on": "2026-02-02", "closes_on": "2026-02-02"}
        closes = await client.patch(where, json=dates)
    assert refused(early, 422, "validation-failed")["errors"][0]["code"] == "too_early"
    refused(nowhere, 422, "validation-failed")
    assert refused(closes, 422, "validation-failed")["errors"][0]["pointer"] == "/closes_on"
    assert (await client.get(f"/business-units/{east['id']}")).json() == east


async def test_what_is_in_use_is_not_archived(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    east, shanghai, shop, west = await group(client)
    company = await entity(client)
    await move(client, shop, parent_id=west["id"], legal_entity_id=company["id"], on=days(9))
    async with nothing_changes():
        for used in (
            f"/business-units/{east['id']}",
            f"/business-units/{shanghai['id']}",
            f"/business-units/{west['id']}",
            f"/legal-entities/{company['id']}",
        ):
            refused(await client.post(f"{used}/archive"), 409, "conflict")
    assert (await client.post(f"/business-units/{shop['id']}/archive")).status_code == 200
    assert (await client.post(f"/business-units/{shanghai['id']}/archive")).status_code == 200
    assert (await client.post(f"/legal-entities/{company['id']}/archive")).status_code == 200
    async with nothing_changes():
        for verb, said in (("restore", None), ("move", {"parent_id": None})):
            answer = await client.post(f"/business-units/{shop['id']}/{verb}", json=said)
            assert answer.status_code in (409, 422), answer.text
    await client.post(f"/legal-entities/{company['id']}/restore")
    await client.post(f"/business-units/{shanghai['id']}/restore")
    assert (await client.post(f"/business-units/{shop['id']}/restore")).status_code == 200


async def test_a_code_belongs_to_one_live_unit(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    first = await unit(client, "First", code="A1")
    async with nothing_changes():
        answer = await client.post(
            "/business-units", json={"name": "Second", "kind": "shop", "code": "A1"}
        )
    problem = refused(answer, 409, "duplicate-value")
    assert problem["existing"]["id"] == first["id"]
    assert problem["errors"][0]["pointer"] == "/code"
    await client.post(f"/business-units/{first['id']}/archive")
    await unit(client, "Second", code="A1")


async def test_the_tree_of_a_date_is_that_of_its_periods(client: AsyncClient) -> None:
    east = await unit(client, "East", opens_on="2020-01-01")
    west = await unit(client, "West", opens_on="2021-01-01")
    shop = await unit(client, "Shop", opens_on="2019-01-01", parent_id=east["id"])
    await move(client, shop, parent_id=west["id"], on="2022-06-01")
    await move(client, shop, parent_id=None, on=days(10))
    told = (await client.get(f"/business-units/{shop['id']}")).json()
    assert [(one["from_on"], one["until_on"], one["parent_id"]) for one in told["periods"]] == [
        ("2020-01-01", "2022-06-01", east["id"]),
        ("2022-06-01", days(10), west["id"]),
        (days(10), None, None),
    ]
    for day, parent in (
        ("2020-01-01", east["id"]),
        ("2022-05-31", east["id"]),
        ("2022-06-01", west["id"]),
        (days(0), west["id"]),
        (days(9), west["id"]),
        (days(10), None),
    ):
        listed = await client.get("/business-units", params={"as_of": day, "q": "shop"})
        assert [item["parent_id"] for item in listed.json()["data"]] == [parent], day
    assert await names(client, as_of="2020-06-01") == ["East", "Shop"]
    assert await names(client, as_of="2019-06-01") == []
    assert await names(client, as_of="2020-06-01", parent_id=east["id"]) == ["Shop"]
    assert await path(client, shop, as_of="2021-06-01") == ["East", "Shop"]
    assert await path(client, shop, as_of=days(20)) == ["Shop"]
    gone = await client.get(f"/business-units/{shop['id']}/place?as_of=2019-06-01")
    refused(gone, 404, "not-found")
    both = {"as_of": "2020-06-01", "under": east["id"]}
    refused(await client.get("/business-units", params=both), 422, "validation-failed")


async def test_a_planned_move_is_made_on_its_day(
    caller: NewClient, new_tenant_: NewTenant, house: House, admin: "Admin[Any]"
) -> None:
    """Two units change places on one day: neither is ever below itself."""
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    top, below = await unit(client, "Top"), await unit(client, "Other")
    below = await move(client, below, parent_id=top["id"])
    shop = await unit(client, "Shop", parent_id=below["id"])
    await move(client, below, parent_id=None, on=days(5))
    planned = await move(client, top, parent_id=below["id"], on=days(5))
    assert (planned["parent_id"], planned["version"]) == (None, 2)
    assert [one["parent_id"] for one in planned["periods"]] == [None, below["id"]]
    await work(house)
    assert await path(client, shop) == ["Top", "Other", "Shop"]
    await client.post("/sandbox/clock/advance", json={"seconds": 5 * 86_400})
    await work(house)
    assert await path(client, shop) == ["Other", "Shop"]
    assert await path(client, top) == ["Other", "Top"]
    assert await names(client, under=below["id"]) == ["Other", "Shop", "Top"]
    assert (await client.get(f"/business-units/{top['id']}")).json()["parent_id"] == below["id"]
    await same_as_the_tree(admin, tenant)
    await Sequencer(house.pool).number_all()
    told = (await client.get(f"/business-units/{top['id']}/history")).json()["data"]
    assert [one["type"].partition(".")[2] for one in told] == ["moved", "move_planned", "created"]
    assert told[0]["actor_id"] == f"key_{'0' * 32}"
    assert await admin.fetchval("SELECT count(*) FROM timers WHERE tenant_id = $1", tenant.id) == 0


async def test_a_plan_that_is_given_up_is_not_made(
    caller: NewClient, new_tenant_: NewTenant, house: House
) -> None:
    client = await caller(tenant=await new_tenant_())
    east, shanghai, _, west = await group(client)
    planned = await move(client, shanghai, parent_id=west["id"], on=days(2))
    later = await move(client, shanghai, parent_id=None, on=days(4))
    assert len(later["periods"]) == 3
    kept = await move(client, shanghai, parent_id=east["id"], on=days(2))
    assert [one["parent_id"] for one in kept["periods"]] == [east["id"], None]
    assert planned["version"] + 2 == kept["version"]
    await client.post("/sandbox/clock/advance", json={"seconds": 3 * 86_400})
    await work(house)
    assert await path(client, shanghai) == ["East", "Shanghai"]
    await client.post("/sandbox/clock/advance", json={"seconds": 86_400})
    await work(house)
    assert await path(client, shanghai) == ["Shanghai"]


async def test_a_plan_waits_for_the_day_of_the_tenants_zone(
    caller: NewClient, new_tenant_: NewTenant, admin: "Admin[Any]"
) -> None:
    tenant = await new_tenant_(time_zone="Pacific/Auckland")
    client = await caller(tenant=tenant)
    shop = await unit(client, "Shop")
    other = await unit(client, "Other")
    await move(client, shop, parent_id=other["id"], on="2099-07-01")
    due = await admin.fetchval("SELECT due_at FROM timers WHERE tenant_id = $1", tenant.id)
    assert due == datetime(2099, 6, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize("on", [None, days(7)], ids=["now", "planned"])
async def test_of_many_at_once_one_puts_a_unit_below_its_own(
    caller: NewClient, new_tenant_: NewTenant, admin: "Admin[Any]", on: str | None
) -> None:
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    one, two = await unit(client, "One"), await unit(client, "Two")

    async def put(moved: Json, below: Json) -> str:
        said = {"parent_id": below["id"], "on": on}
        answer = await client.post(f"/business-units/{moved['id']}/move", json=said)
        if answer.status_code == 200:
            return str(moved["name"])
        return str(refused(answer, 422, "validation-failed")["errors"][0]["code"])

    pairs = [(one, two), (two, one)] * 10
    outcomes = await asyncio.gather(*(put(*pair) for pair in pairs))
    winners = set(outcomes) - {"circular_parent"}
    assert len(winners) == 1
    assert outcomes.count("circular_parent") == 10
    units = (await client.get("/business-units")).json()["data"]
    versions = sorted(item["version"] for item in units)
    assert versions == [1, 2]
    await same_as_the_tree(admin, tenant)


async def test_nothing_comes_below_what_is_being_archived(
    caller: NewClient, new_tenant_: NewTenant, admin: "Admin[Any]"
) -> None:
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    for number in range(5):
        company = await entity(client, name=f"C{number}")
        east, shop = await unit(client, f"East {number}"), await unit(client, f"Shop {number}")
        said = {"parent_id": east["id"], "legal_entity_id": company["id"]}
        await asyncio.gather(
            client.post(f"/business-units/{east['id']}/archive"),
            client.post(f"/legal-entities/{company['id']}/archive"),
            client.post(f"/business-units/{shop['id']}/move", json=said),
        )
    wrong = """SELECT u.name FROM business_units u
    LEFT JOIN business_units p ON p.tenant_id = u.tenant_id AND p.id = u.parent_id
    LEFT JOIN legal_entities e ON e.tenant_id = u.tenant_id AND e.id = u.legal_entity_id
    WHERE u.state = 'live' AND 'archived' IN (p.state, e.state)"""
    assert await admin.fetch(wrong) == []


MANY = """
INSERT INTO business_units (tenant_id, id, name, sort_name, kind, state, periods, created_at,
  updated_at)
SELECT $1, gen_random_uuid(), 'A', 'a', 'shop', 'live', '[]', now(), now()
FROM generate_series(1, $2)"""


async def test_a_tenant_has_two_thousand_live_units_at_most(
    caller: NewClient, new_tenant_: NewTenant, admin: "Admin[Any]", nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    old = await unit(client, "Old")
    await client.post(f"/business-units/{old['id']}/archive")
    await admin.execute(MANY, tenant.id, 1_998)
    new = {"name": "New", "kind": "shop"}
    answers = await asyncio.gather(*(client.post("/business-units", json=new) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]
    async with nothing_changes():
        refused(await client.post(f"/business-units/{old['id']}/restore"), 409, "conflict")


async def test_the_database_holds_neither_an_overlap_nor_a_gap(
    caller: NewClient, new_tenant_: NewTenant, admin: "Admin[Any]", nothing_changes: Unchanged
) -> None:
    """One unit has a period from the year 2020 until 2022, and one from then on."""
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    top = await unit(client, "Top", opens_on="2020-01-01")
    shop = await unit(client, "Shop", opens_on="2020-01-01")
    await move(client, shop, parent_id=top["id"], on="2022-01-01")
    id = UUID(shop["id"][4:])
    add = "INSERT INTO business_unit_periods VALUES ($1, $2, date '{}', {})"
    change = "UPDATE business_unit_periods SET {} WHERE tenant_id = $1 AND unit_id = $2 AND {}"
    for wrong in (
        add.format("2021-01-01", "NULL"),
        add.format("2021-01-01", "date '2022-01-01'"),
        add.format("2019-01-01", "date '2022-01-01'"),
        add.format("2023-01-01", "date '2024-01-01'"),
        change.format("until_on = '2021-01-01'", "until_on IS NOT NULL"),
        change.format("from_on = '2023-01-01'", "until_on IS NULL"),
        "DELETE FROM business_unit_periods WHERE tenant_id = $1 AND unit_id = $2 "
        "AND until_on IS NULL",
    ):
        async with nothing_changes():
            with pytest.raises(IntegrityConstraintViolationError):
                await admin.execute(wrong, tenant.id, id)


async def work(house: House) -> None:
    await do_once([crew(house)], asyncio.Event())


LINES = """
WITH RECURSIVE line AS (
  SELECT id AS unit_id, id AS ancestor_id, 0 AS depth FROM business_units WHERE tenant_id = $1
  UNION ALL
  SELECT line.unit_id, u.parent_id, depth + 1 FROM line JOIN business_units u
  ON u.id = line.ancestor_id WHERE u.parent_id IS NOT NULL
)"""
OTHERS = (
    LINES
    + """
(SELECT * FROM line EXCEPT SELECT unit_id, ancestor_id, depth FROM business_unit_lines
 WHERE tenant_id = $1)
UNION ALL
(SELECT unit_id, ancestor_id, depth FROM business_unit_lines WHERE tenant_id = $1
 EXCEPT SELECT * FROM line)"""
)


async def same_as_the_tree(admin: "Admin[Any]", tenant: Tenant) -> None:
    """The lines are those that follow from each unit's parent."""
    assert await admin.fetch(OTHERS, tenant.id) == []
