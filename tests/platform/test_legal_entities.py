"""The companies of the group, as a front end meets them."""

from typing import Any

from httpx import AsyncClient

from tests.conftest import NewClient, Unchanged
from tests.features.test_customers import refused

SHANGHAI = {
    "name": "旭日上海",
    "legal_name": "旭日（上海）贸易有限公司",
    "country": "CN",
    "registration_number": "91310000MA1FL5X42R",
    "currency": "CNY",
}


async def create(client: AsyncClient, **said: Any) -> dict[str, Any]:
    answer = await client.post("/legal-entities", json={**SHANGHAI, **said})
    assert answer.status_code == 201, answer.text
    entity: dict[str, Any] = answer.json()
    return entity


async def test_an_entity_is_answered_as_it_was_said(client: AsyncClient) -> None:
    entity = await create(client)
    assert SHANGHAI.items() <= entity.items()
    assert (entity["state"], entity["version"]) == ("live", 1)
    place = f"/legal-entities/{entity['id']}"
    assert (await client.get(place)).json() == entity
    patched = await client.patch(place, json={"currency": None, "name": "Sunrise Shanghai"})
    assert (patched.json()["currency"], patched.json()["version"]) == (None, 2)
    told = (await client.get(f"{place}/history")).json()["data"]
    assert told == []  # a change is told once it has its number
    assert (await client.get(f"/legal-entities/leg_{'0' * 32}")).status_code == 404


async def test_entities_are_found_by_what_people_know_of_them(client: AsyncClient) -> None:
    one = await create(client)
    other = await create(
        client,
        name="Sunrise Hamburg",
        legal_name="Sunrise Hamburg GmbH",
        country="DE",
        registration_number="HRB 12345",
        currency="EUR",
    )
    for query, wanted in (
        ({"q": "贸易"}, [one]),
        ({"q": "xu ri"}, [one]),
        ({"q": "12345"}, [other]),
        ({"country": "DE"}, [other]),
        ({"registration_number": "91310000MA1FL5X42R"}, [one]),
        ({"sort": "name"}, [other, one]),
        ({"sort": "-name"}, [one, other]),
        ({"state": "archived"}, []),
    ):
        found = (await client.get("/legal-entities", params=query)).json()["data"]
        assert found == wanted, query


async def test_a_chinese_entity_has_a_credit_code_that_is_right(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    german = await create(client, country="DE", registration_number="HRB 1")
    place = f"/legal-entities/{german['id']}"
    wrong = {**SHANGHAI, "registration_number": "91310000MA1FL5X42A"}
    async with nothing_changes():
        for answer in (
            await client.post("/legal-entities", json=wrong),
            await client.post("/legal-entities", json={**wrong, "registration_number": "HRB 1"}),
            await client.patch(place, json={"country": "CN"}),
        ):
            problem = refused(answer, 422, "validation-failed")
            assert problem["errors"][0]["pointer"] == "/registration_number"
    assert (await client.patch(place, json={"country": "AT"})).status_code == 200
    moved = {"country": "CN", "registration_number": None}
    assert (await client.patch(place, json=moved)).status_code == 200


async def test_a_number_belongs_to_one_live_entity_of_a_country(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    first = await create(client)
    async with nothing_changes():
        problem = refused(
            await client.post("/legal-entities", json=SHANGHAI), 409, "duplicate-value"
        )
    assert problem["existing"] == {"object": "legal_entity", "id": first["id"]}
    assert problem["errors"][0]["pointer"] == "/registration_number"
    archived = await client.post(f"/legal-entities/{first['id']}/archive")
    assert archived.json()["state"] == "archived"
    second = await create(client)
    async with nothing_changes():
        again = await client.post(f"/legal-entities/{first['id']}/restore")
        refused(again, 409, "duplicate-value")
        refused(await client.patch(f"/legal-entities/{first['id']}", json={}), 409, "conflict")
    await client.post(f"/legal-entities/{second['id']}/archive")
    restored = await client.post(f"/legal-entities/{first['id']}/restore")
    assert (restored.json()["state"], restored.json()["version"]) == ("live", 3)


async def test_who_may_only_read_changes_nothing(
    caller: NewClient, nothing_changes: Unchanged
) -> None:
    client = await caller("legal_entities:read")
    async with nothing_changes():
        refused(await client.post("/legal-entities", json=SHANGHAI), 403, "forbidden")
    assert (await client.get("/legal-entities")).json()["data"] == []
