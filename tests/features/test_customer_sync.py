"""Customers by the ids that other systems know them by: one, or a hundred at once."""

import asyncio
from typing import Any

from asyncpg import Connection as Admin
from httpx import AsyncClient

from tests.conftest import NewClient

from .test_customers import ACME, create, refused

PERSON = {"kind": "person", "name": "王芳"}
EVENTS = "SELECT count(*) FROM events"


def at(value: str, system: str = "sap") -> str:
    return f"/customers/external/{system}/{value}"


async def test_a_customer_is_created_and_then_changed_by_its_external_id(
    client: AsyncClient,
) -> None:
    made = await client.patch(at("1"), json=PERSON)
    assert made.status_code == 201, made.text
    assert made.headers["location"] == f"/v1/customers/{made.json()['id']}"
    assert made.json()["external_ids"] == {"sap": "1"}
    changed = await client.patch(at("1"), json={"tags": ["vip"]})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (await client.get(at("1"))).content == changed.content
    assert (await client.get(f"/customers/{made.json()['id']}")).content == changed.content


async def test_what_changes_nothing_leaves_no_trace(
    client: AsyncClient, admin: "Admin[Any]"
) -> None:
    made = await client.patch(at("1"), json={**PERSON, "tags": ["a"]})
    before = await admin.fetchval(EVENTS)
    again = await client.patch(at("1"), json={**PERSON, "tags": ["a"]})
    assert (again.status_code, again.content) == (200, made.content)
    assert again.headers["etag"] == made.headers["etag"]
    assert await admin.fetchval(EVENTS) == before


async def test_who_is_not_there_is_made_only_when_he_may_be(client: AsyncClient) -> None:
    nobody = await client.patch(at("9"), json=PERSON, params={"if_missing": "fail"})
    refused(nobody, 404, "not-found")
    nameless = refused(await client.patch(at("9"), json={"tags": ["x"]}), 422, "validation-failed")
    assert [error["pointer"] for error in nameless["errors"]] == ["/kind", "/name"]
    mixed = {**PERSON, "uscc": ACME["uscc"]}
    refused(await client.patch(at("9"), json=mixed), 409, "conflict")
    refused(await client.get(at("9")), 404, "not-found")
    refused(await client.get(at("9", "SAP!")), 404, "not-found")
    assert (await client.get("/customers")).json()["data"] == []


async def test_an_id_that_another_one_replaces_still_finds(client: AsyncClient) -> None:
    made = (await client.patch(at("old"), json=PERSON)).json()
    path = f"/customers/{made['id']}"
    renamed = (await client.patch(path, json={"external_ids": {"sap": "new"}})).json()
    assert renamed["external_ids"] == {"sap": "new"}
    assert renamed["external_id_aliases"] == [{"system": "sap", "value": "old"}]
    for value in ("old", "new"):
        assert (await client.get(at(value))).json()["id"] == made["id"]
        assert (await client.patch(at(value), json={"title": value})).json()["id"] == made["id"]
    refused(
        await client.post("/customers", json={**PERSON, "external_ids": {"sap": "old"}}),
        409,
        "duplicate-value",
    )
    back = (await client.patch(path, json={"external_ids": {"sap": "old"}})).json()
    assert back["external_id_aliases"] == [{"system": "sap", "value": "new"}]
    await client.patch(path, json={"external_id_aliases": []})
    refused(await client.get(at("new")), 404, "not-found")


async def test_an_alias_that_says_nothing_new_is_left_out(client: AsyncClient) -> None:
    old, same = {"system": "sap", "value": "old"}, {"system": "sap", "value": "1"}
    sent = {**PERSON, "external_id_aliases": [old, same, old]}
    made = await client.patch(at("1"), json=sent)
    assert made.json()["external_id_aliases"] == [old]
    again = await client.patch(at("1"), json=sent)
    assert (again.status_code, again.content) == (200, made.content)


async def test_a_person_does_not_become_an_organization(client: AsyncClient) -> None:
    made = await client.patch(at("1"), json=PERSON)
    problem = refused(await client.patch(at("1"), json={"kind": "organization"}), 409, "conflict")
    assert [error["pointer"] for error in problem["errors"]] == ["/kind"]
    assert (await client.get(at("1"))).content == made.content


async def test_an_archived_customer_comes_back_with_its_system(client: AsyncClient) -> None:
    made = (await client.patch(at("1"), json=PERSON)).json()
    await client.post(f"/customers/{made['id']}/archive")
    back = await client.patch(at("1"), json={"name": "Fang"})
    assert (back.status_code, back.json()["state"], back.json()["name"]) == (200, "live", "Fang")


async def test_an_etag_is_minded_by_external_id_too(client: AsyncClient) -> None:
    await client.patch(at("1"), json=PERSON)
    await client.patch(at("1"), json={"title": "Dr"})
    late = await client.patch(at("1"), json={"title": "x"}, headers={"If-Match": '"1"'})
    assert refused(late, 412, "precondition-failed")["current_version"] == 2
    for tag in ("*", '"1"'):
        nobody = await client.patch(at("2"), json=PERSON, headers={"If-Match": tag})
        assert refused(nobody, 412, "precondition-failed")["current_version"] is None
    refused(await client.get(at("2")), 404, "not-found")
    seen = await client.patch(at("1"), json={"title": "x"}, headers={"If-Match": "*"})
    assert (seen.status_code, seen.json()["version"]) == (200, 3)


async def test_fifty_systems_at_once_make_one_customer(client: AsyncClient) -> None:
    answers = await asyncio.gather(*(client.patch(at("7"), json=PERSON) for _ in range(50)))
    assert sorted({answer.status_code for answer in answers}) == [200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum(answer.status_code == 201 for answer in answers) == 1


async def test_another_tenant_has_its_own_ids(client: AsyncClient, caller: NewClient) -> None:
    mine = await client.patch(at("1"), json=PERSON)
    stranger = await caller()
    refused(await stranger.get(at("1")), 404, "not-found")
    theirs = await stranger.patch(at("1"), json=PERSON)
    assert theirs.status_code == 201
    assert (await client.get(at("1"))).content == mine.content


def batch(*items: tuple[str, dict[str, Any]], **options: Any) -> dict[str, Any]:
    listed = [{"external_id": value, "data": data} for value, data in items]
    return {"system": "sap", "items": listed, **options}


async def test_a_batch_creates_changes_and_leaves(client: AsyncClient, admin: "Admin[Any]") -> None:
    first = await client.post(
        "/customers/batch-upsert",
        json=batch(("1", PERSON), ("2", {**PERSON, "name": "Ada"}), ("3", ACME)),
    )
    assert first.status_code == 200, first.text
    assert [item["outcome"] for item in first.json()["data"]] == ["created"] * 3
    before = await admin.fetchval(EVENTS)
    second = await client.post(
        "/customers/batch-upsert",
        json=batch(("3", ACME), ("1", {"tags": ["vip"]}), ("4", PERSON), ("2", {"title": "Dr"})),
    )
    told = second.json()["data"]
    assert [item["outcome"] for item in told] == ["unchanged", "updated", "created", "updated"]
    assert [item["version"] for item in told] == [1, 2, 1, 2]
    assert await admin.fetchval(EVENTS) == before + 3
    for value, item in zip("3142", told, strict=True):
        one = await client.get(at(value))
        assert (one.json()["id"], one.json()["version"]) == (item["id"], item["version"])
    data = await admin.fetchval(
        "SELECT data FROM event_values JOIN events ON id = event_id WHERE type = "
        "'customer.updated' ORDER BY created_at DESC, id DESC LIMIT 1"
    )
    assert data.encode() in [(await client.get(at(value))).content for value in "12"]


async def test_a_bad_item_costs_itself_only(client: AsyncClient) -> None:
    await client.patch(at("0"), json=ACME)
    sent = batch(
        ("1", PERSON),
        ("2", {"kind": "person", "name": " "}),
        ("3", {"title": "nobody"}),
        ("4", {**ACME, "name": "twin"}),
        ("5", {"kind": "organization", "name": "Sub", "parent_id": "cus_" + "0" * 32}),
        ("6", {**PERSON, "contact_points": [{"kind": "phone", "value": "12345"}]}),
        ("7", {**PERSON, "name": "Last"}),
    )
    mixed = await client.post("/customers/batch-upsert", json=sent)
    assert mixed.status_code == 207, mixed.text
    told = mixed.json()["data"]
    assert [item["outcome"] for item in told] == ["created"] + ["failed"] * 5 + ["created"]
    assert [item["problem"] and item["problem"]["code"] for item in told] == [
        None,
        "validation-failed",
        "validation-failed",
        "duplicate-value",
        "unknown-reference",
        "validation-failed",
        None,
    ]
    assert [item["problem"] and item["problem"]["errors"][0]["pointer"] for item in told] == [
        None,
        "/data/name",
        "/data/kind",
        "/data/uscc",
        "/data/parent_id",
        "/data/contact_points/0/value",
        None,
    ]
    assert told[4]["problem"]["instance"] == "#/items/4"
    names = {item["name"] for item in (await client.get("/customers")).json()["data"]}
    assert names == {"Acme", "王芳", "Last"}


async def test_an_atomic_batch_is_all_or_nothing(client: AsyncClient, admin: "Admin[Any]") -> None:
    before = await admin.fetchval(EVENTS)
    sent = batch(("1", PERSON), ("2", ACME), ("3", {**ACME, "name": "twin"}), atomic=True)
    none = refused(
        await client.post("/customers/batch-upsert", json=sent), 422, "validation-failed"
    )
    assert [error["pointer"] for error in none["errors"]] == ["/items/2/data/uscc"]
    assert (await client.get("/customers")).json()["data"] == []
    assert await admin.fetchval(EVENTS) == before


async def test_a_batch_names_an_id_once(client: AsyncClient) -> None:
    twice = batch(("1", PERSON), ("1", {"title": "Dr"}))
    answer = refused(
        await client.post("/customers/batch-upsert", json=twice), 422, "validation-failed"
    )
    assert answer["errors"][0]["pointer"] == "/items/1/external_id"
    assert (await client.get("/customers")).json()["data"] == []


async def test_a_batch_makes_a_tree_without_a_circle(client: AsyncClient) -> None:
    org = {"kind": "organization"}
    await client.post(
        "/customers/batch-upsert", json=batch(*((n, {**org, "name": n}) for n in "ab"))
    )
    a, b = [(await client.get(at(n))).json()["id"] for n in "ab"]
    circle = batch(("a", {"parent_id": b}), ("b", {"parent_id": a}))
    answer = await client.post("/customers/batch-upsert", json=circle)
    assert [item["outcome"] for item in answer.json()["data"]] == ["updated", "failed"]


async def test_two_batches_over_the_same_ids_both_come_through(client: AsyncClient) -> None:
    values = [f"x{n}" for n in range(30)]
    forth = batch(*((value, {**PERSON, "title": "one"}) for value in values))
    back = batch(*((value, {**PERSON, "title": "two"}) for value in reversed(values)))
    answers = await asyncio.gather(
        *(client.post("/customers/batch-upsert", json=sent) for sent in (forth, back) * 3)
    )
    assert {answer.status_code for answer in answers} == {200}
    created = [i for a in answers for i in a.json()["data"] if i["outcome"] == "created"]
    assert len(created) == len(values)


async def test_two_batches_with_bad_items_both_come_through(client: AsyncClient) -> None:
    """The bad item undoes the first attempt, and with it the locks of that attempt."""
    await client.patch(at("0"), json=ACME)
    values, twin = [f"x{n}" for n in range(30)], ("bad", {**ACME, "name": "twin"})
    forth = batch(*((value, PERSON) for value in values), twin)
    back = batch(*((value, PERSON) for value in reversed(values)), twin)
    answers = await asyncio.gather(
        *(client.post("/customers/batch-upsert", json=sent) for sent in (forth, back) * 3)
    )
    assert {answer.status_code for answer in answers} == {207}
    told = [item for answer in answers for item in answer.json()["data"]]
    assert sum(item["outcome"] == "created" for item in told) == len(values)
    assert sum(item["outcome"] == "failed" for item in told) == len(answers)


async def test_two_ids_of_one_customer_are_put_one_after_the_other(client: AsyncClient) -> None:
    await client.patch(at("old"), json={**PERSON, "external_ids": {"shop": "7"}})
    await client.patch(at("old"), json={"external_ids": {"sap": "new"}})
    sent = batch(("old", {"title": "Dr", "tags": ["a"]}), ("9", PERSON), ("new", {"title": "Prof"}))
    told = (await client.post("/customers/batch-upsert", json=sent)).json()["data"]
    assert [(item["outcome"], item["version"]) for item in told] == [
        ("updated", 3),
        ("created", 1),
        ("updated", 4),
    ]
    now = (await client.get(at("new"))).json()
    assert (now["title"], now["tags"], now["version"]) == ("Prof", ["a"], 4)


async def test_an_item_says_all_that_a_single_upsert_says(client: AsyncClient) -> None:
    person = {
        **PERSON,
        "acquired_at": "2026-01-31T20:00:00+08:00",
        "contact_points": [{"kind": "phone", "value": "+8613800138000", "is_primary": True}],
        "addresses": [{"country": "CN", "city": "上海"}],
        "preferences": {"channel": "sms", "not_before": "09:00"},
        "gender": "female",
        "born_on": "1988-05-12",
        "language": "zh-CN",
    }
    organization = {**ACME, "website": "https://acme.example", "size_band": None}
    for number, data in enumerate((person, organization)):
        data["external_id_aliases"] = [{"system": "shop", "value": str(number)}]
        data["tags"] = ["a"]
        sent = batch((str(number), data))
        made = (await client.post("/customers/batch-upsert", json=sent)).json()["data"][0]
        assert made["outcome"] == "created", made
        again = await client.patch(at(str(number)), json=data)
        assert (again.status_code, again.json()["version"]) == (200, 1)


async def test_an_atomic_batch_names_no_more_mistakes_than_people_read(client: AsyncClient) -> None:
    unknown = {f"field_{number}": 1 for number in range(50)}
    sent = batch(*((str(number), unknown) for number in range(100)), atomic=True)
    answer = await client.post("/customers/batch-upsert", json=sent)
    assert len(refused(answer, 422, "validation-failed")["errors"]) == 100


async def test_many_are_read_at_once_in_the_order_asked_for(
    client: AsyncClient, caller: NewClient
) -> None:
    mine = [await create(client, name=name) for name in "abc"]
    theirs = await create(await caller())
    asked = [mine[2]["id"], "cus_" + "0" * 32, mine[0]["id"], theirs["id"], mine[2]["id"]]
    answer = await client.post("/customers/batch-get", json={"ids": asked})
    assert answer.status_code == 200, answer.text
    assert [item["name"] for item in answer.json()["data"]] == ["c", "a", "c"]
    assert answer.json()["missing"] == [asked[1], asked[3]]
    assert answer.json()["data"][1] == mine[0]
    one = await client.get(f"/customers/{mine[0]['id']}")
    assert one.content in answer.content
