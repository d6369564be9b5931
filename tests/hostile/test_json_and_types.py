"""Bodies that are not JSON, not of the right type or not of a sensible size."""

import gzip
import json
import time
from typing import Any

import pytest

from tests.conftest import Unchanged

from .catalogue import (
    BEFORE,
    BODIES,
    OPERATIONS,
    TAKING_BODIES,
    Operation,
    literals,
    placed,
    raw,
    read,
)
from .catalogue import title as named
from .conftest import Side, prepared
from .refusals import pointers, refused, repeats

CATALOGUE = read("json_and_types.yaml")
for kind in ("fields", "accepted"):
    CATALOGUE[kind] += read("filters.yaml")[kind]
JSON = {"content-type": "application/json"}
PATIENCE = 1.0


def each_literal(kind: str) -> list[Any]:
    return [
        pytest.param(case, text, id=f"{case['row']} {case['operation']} {case['at']} {text:.40}")
        for case in CATALOGUE[kind]
        for text in literals(case)
    ]


bodies = pytest.mark.parametrize("operation", TAKING_BODIES, ids=lambda o: o.id)


def test_every_operation_that_takes_a_body_is_attacked() -> None:
    assert set(BODIES) == {operation.id for operation in TAKING_BODIES}


@bodies
async def test_the_body_that_is_spoiled_is_itself_accepted(own: Side, operation: Operation) -> None:
    id = await prepared(own.client, operation) if operation.id in BEFORE else None
    path = own.path(operation, id)
    response = await own.client.request(
        operation.method, path, json=operation.body, headers=operation.headers
    )
    assert response.is_success, response.text


@pytest.mark.parametrize("case", CATALOGUE["broken"], ids=named)
async def test_a_broken_body_is_refused_at_once_by_every_operation(
    own: Side, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    async with nothing_changes():
        for operation in TAKING_BODIES:
            begun = time.process_time()
            response = await own.client.request(
                operation.method, own.path(operation), content=raw(case), headers=JSON
            )
            assert time.process_time() - begun < PATIENCE, operation
            problem = refused(response, case["status"], case["code"])
            if "pointers" in case:
                assert pointers(problem) == set(case["pointers"])
            assert len(problem["errors"]) <= 100
            assert not repeats(problem, ["Zhubajie", "Wukong", "bajie"])


@pytest.mark.parametrize("case", CATALOGUE["media"], ids=named)
async def test_another_media_type_is_refused_by_every_operation(
    own: Side, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    headers = {k: v for k, v in (JSON | case["headers"]).items() if v is not None}
    bomb = gzip.compress(b" " * case["bomb"]) if "bomb" in case else None
    async with nothing_changes():
        for operation in TAKING_BODIES:
            content = bomb or json.dumps(operation.body).encode()
            response = await own.client.request(
                operation.method, own.path(operation), content=content, headers=headers
            )
            refused(response, 415, "unsupported-media-type")
            accepts = "accept-patch" if operation.method == "PATCH" else "accept-post"
            assert "application/json" in response.headers[accepts]


@bodies
@pytest.mark.parametrize("name", CATALOGUE["unknown"])
async def test_a_member_that_nobody_knows_is_named(
    own: Side, nothing_changes: Unchanged, operation: Operation, name: str
) -> None:
    async with nothing_changes():
        response = await own.client.request(
            operation.method, own.path(operation), json={**operation.body, name: "Zhubajie"}
        )
    problem = refused(response, 422, "validation-failed")
    assert pointers(problem) == {"/" + name.replace("/", "~1")}
    assert not repeats(problem, "Zhubajie")


@pytest.mark.parametrize(("case", "literal"), each_literal("fields"))
async def test_a_value_that_does_not_fit_is_refused_where_it_stands(
    own: Side, nothing_changes: Unchanged, case: dict[str, Any], literal: str
) -> None:
    operation = OPERATIONS[case["operation"]]
    begun = time.process_time()
    async with nothing_changes():
        response = await own.client.request(
            operation.method,
            own.path(operation),
            content=placed(operation, case["at"], literal),
            headers=JSON,
        )
    assert time.process_time() - begun < PATIENCE
    problem = refused(response, 422, "validation-failed")
    assert len(problem["errors"]) <= 100
    assert pointers(problem) <= set(case.get("says_any", [case.get("says", case["at"])]))
    assert problem["errors"]
    assert not repeats(problem, json.loads(literal, parse_int=str))


@pytest.mark.parametrize(
    ("case", "item"),
    [
        pytest.param(case, item, id=f"{case['row']} {json.dumps(item):.60}")
        for case in CATALOGUE["items"]
        for item in case["values"]
    ],
)
async def test_an_item_that_does_not_fit_costs_itself_only(
    own: Side, nothing_changes: Unchanged, case: dict[str, Any], item: Any
) -> None:
    batch = OPERATIONS["upsertCustomers"]
    async with nothing_changes():
        response = await own.client.post(batch.path, json={**batch.body, "items": [item]})
        atomic = await own.client.post(
            batch.path, json={**batch.body, "items": [item], "atomic": True}
        )
    assert response.status_code == 207, response.text
    (told,) = response.json()["data"]
    assert (told["index"], told["outcome"], told["id"], told["version"]) == (
        0,
        "failed",
        None,
        None,
    )
    assert told["problem"]["code"] == "validation-failed"
    wanted = set(case.get("says_any", [case.get("says")]))
    assert pointers(told["problem"]) == wanted
    assert not repeats(told["problem"], item)
    problem = refused(atomic, 422, "validation-failed")
    assert pointers(problem) == {f"/items/0{pointer}" for pointer in wanted}


@pytest.mark.parametrize(("case", "literal"), each_literal("accepted"))
async def test_a_value_that_fits_is_accepted(own: Side, case: dict[str, Any], literal: str) -> None:
    operation = OPERATIONS[case["operation"]]
    response = await own.client.request(
        operation.method,
        own.path(operation),
        content=placed(operation, case["at"], literal),
        headers=JSON,
    )
    assert response.is_success, response.text
    if "answers" in case:
        assert response.json()[case["at"].removeprefix("/")] == case["answers"]


@pytest.mark.parametrize("case", CATALOGUE["kept"], ids=named)
async def test_text_of_the_world_is_kept_as_it_was_sent(own: Side, case: dict[str, Any]) -> None:
    body = {"kind": "person", "name": case["name"]}
    for escaped in (True, False):
        content = json.dumps(body, ensure_ascii=escaped).encode()
        made = await own.client.post("/v1/customers", content=content, headers=JSON)
        assert made.status_code == 201, made.text
        assert made.json()["name"] == case["name"]
        read = await own.client.get(made.headers["location"])
        assert read.json()["name"] == case["name"]
