"""Filters that weigh too much, or ask about what the caller may not see."""

import json
import time
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from tests.conftest import NewClient, Unchanged

from .catalogue import read, title
from .conftest import Side
from .refusals import pointers, refused

CATALOGUE = read("filters.yaml")
SECRET = ("email", "phone", "wechat", "born_on", "parent.email")
SECONDS = 1.0


def condition(field: str, op: str = "exists", value: Any = True) -> dict[str, Any]:
    return {"kind": "condition", "field": field, "op": op, "value": value}


def heavy(case: dict[str, Any]) -> str:
    levels: int
    parts: int
    levels, parts = case.get("deep", 1), case.get("wide", 1)
    inside = ",".join([json.dumps(condition("name"))] * parts)
    return '{"filter":' + '{"kind":"any","of":[' * levels + inside + "]}" * levels + "}"


@pytest.mark.parametrize("case", CATALOGUE["heavy"], ids=title)
async def test_a_filter_of_too_many_parts_is_refused_at_once(
    own: Side, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    typed = {"content-type": "application/json"}
    async with nothing_changes():
        begun = time.process_time()
        response = await own.client.post("/v1/customers/search", content=heavy(case), headers=typed)
        spent = time.process_time() - begun
    assert response.status_code in (400, 422), response.text
    assert response.json()["code"] in ("malformed-json", "validation-failed")
    assert spent < SECONDS


@pytest.mark.parametrize("field", SECRET)
async def test_who_sees_masked_data_cannot_ask_by_what_he_does_not_see(
    own: Side, caller: NewClient, nothing_changes: Unchanged, field: str
) -> None:
    key = {"name": "Support", "scopes": ["customers:read"], "masked": True}
    made = (await own.client.post("/v1/api-keys", json=key)).json()
    masked = {"Authorization": f"Bearer {made['secret']}"}
    async with nothing_changes():
        asked = {"filter": {"kind": "none", "of": [condition(field)]}}
        response = await own.client.post("/v1/customers/search", json=asked, headers=masked)
        problem = refused(response, 403, "forbidden")
        assert field in problem["detail"]
        for body in (
            {"group_by": [field], "period": "year"},
            {"metrics": [{"op": "count", "field": field}]},
        ):
            response = await own.client.post("/v1/customers/aggregate", json=body, headers=masked)
            assert field in refused(response, 403, "forbidden")["detail"]
        fields = (await own.client.get("/v1/filter-fields", headers=masked)).json()["fields"]
    assert field not in {one["field"] for one in fields}


@pytest.mark.parametrize("part", ["%", "_", "\\", "a%b", "'", '"', "\\x00"])
async def test_what_other_languages_give_a_meaning_is_text(own: Side, part: str) -> None:
    person = {"kind": "person", "name": f"x{part}y"}
    made = (await own.client.post("/v1/customers", json=person)).json()
    found = [
        await _found(own.client, condition("name", op, text))
        for op, text in (("contains", part), ("starts_with", f"x{part}"), ("eq", f"x{part}y"))
    ]
    assert found == [[made["name"]]] * 3
    await own.client.post(f"/v1/customers/{made['id']}/archive")


async def _found(client: AsyncClient, filter: dict[str, Any]) -> list[str]:
    answer = await client.post("/v1/customers/search", json={"filter": filter})
    return [one["name"] for one in answer.json()["data"]]


async def test_a_cursor_belongs_to_its_filter(own: Side, nothing_changes: Unchanged) -> None:
    for name in ("Left", "Right"):
        await own.client.post("/v1/customers", json={"kind": "person", "name": name})
    asked = {"filter": condition("name"), "limit": 1}
    cursor = (await own.client.post("/v1/customers/search", json=asked)).json()["next_cursor"]
    async with nothing_changes():
        others = ({"filter": condition("source")}, {"sort": ["name"]}, {"filter": None})
        for other in others:
            body = {**asked, **other, "cursor": cursor}
            response = await own.client.post("/v1/customers/search", json=body)
            refused(response, 400, "invalid-cursor")
        response = await own.client.get(f"/v1/customers?cursor={cursor}")
        refused(response, 400, "invalid-cursor")


async def test_a_search_that_waits_too_long_is_cancelled(
    own: Side, admin: "Admin[Any]", nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        async with admin.transaction():
            await admin.execute("LOCK TABLE customers IN ACCESS EXCLUSIVE MODE")
            response = await own.client.post(
                "/v1/customers/search", json={"filter": condition("name")}
            )
            refused(response, 503, "unavailable")
        again = await own.client.post("/v1/customers/search", json={"filter": condition("name")})
    assert again.status_code == 200


async def test_a_filter_that_is_wrong_in_several_places_names_them_all(
    own: Side, nothing_changes: Unchanged
) -> None:
    filter = {"kind": "any", "of": [condition("nobody"), condition("name", "gt", "x")]}
    async with nothing_changes():
        response = await own.client.post("/v1/customers/search", json={"filter": filter})
    problem = refused(response, 422, "validation-failed")
    assert pointers(problem) == {"/filter/of/0/field", "/filter/of/1/op"}
