"""Requests that are wrong beside their body: methods, addresses, queries, headers."""

import re
import time
from typing import Any

import pytest
from httpx import Request, Response

from tests.conftest import Unchanged

from .catalogue import DOCUMENT, OPERATIONS, fresh, read, repeated
from .catalogue import title as named
from .conftest import Side
from .refusals import pointers, refused, repeats

CATALOGUE = read("http.yaml")
PATIENCE = 1.0
READS = [o for o in OPERATIONS.values() if o.method == "GET" and not o.streams]
WRITES_BY_EXTERNAL_ID = [
    operation
    for operation in OPERATIONS.values()
    if operation.id.startswith("upsert")
    if operation.names_an_external_id
]
ANSWERED = {
    path: {method.upper() for method in item} | ({"HEAD"} if "get" in item else set())
    for path, item in DOCUMENT["paths"].items()
}


def filled(own: Side, address: Any) -> str:
    customer, key = own.records["/v1/customers"], own.records["/v1/api-keys"]
    return str(repeated(address)).replace("{id}", customer).replace("{key}", key)


async def sent(own: Side, method: str, path: str, **said: Any) -> Response:
    """The request with its address exactly as written, in no longer than a moment."""
    if "json" in said:
        said["json"] = own.client._own(said["json"])
    request = own.client.build_request(method, "/", **said)
    address = request.url.copy_with(raw_path=path.encode())
    exact = Request(method, address, headers=request.headers, content=request.content)
    begun = time.process_time()
    response = await own.client.send(exact)
    assert time.process_time() - begun < PATIENCE
    return response


def address_of(own: Side, path: str) -> str:
    return own.path(next(o for o in OPERATIONS.values() if o.path == path))


@pytest.mark.parametrize("path", ANSWERED)
async def test_a_method_that_a_path_does_not_answer_is_told_which_it_does(
    own: Side, nothing_changes: Unchanged, path: str
) -> None:
    address = address_of(own, path)
    async with nothing_changes():
        for method in set(CATALOGUE["methods"]) - ANSWERED[path]:
            response = await sent(own, method, address)
            refused(response, 405, "method-not-allowed")
            assert set(response.headers["allow"].split(", ")) == ANSWERED[path] | {"OPTIONS"}


@pytest.mark.parametrize("path", ANSWERED)
async def test_options_lists_all_methods_of_a_path(own: Side, path: str) -> None:
    address = address_of(own, path)
    response = await sent(own, "OPTIONS", address)
    assert (response.status_code, response.content) == (204, b"")
    assert set(response.headers["allow"].split(", ")) == ANSWERED[path] | {"OPTIONS"}
    assert "request-id" in response.headers


@pytest.mark.parametrize("operation", READS, ids=lambda o: o.id)
async def test_head_is_get_without_its_body(own: Side, operation: Any) -> None:
    path = own.path(operation)
    got, head = await sent(own, "GET", path), await sent(own, "HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    changing = {"request-id", "ratelimit"}
    assert {k: v for k, v in head.headers.items() if k not in changing} == {
        k: v for k, v in got.headers.items() if k not in changing
    }


async def test_head_of_nothing_is_a_problem_without_its_body(own: Side) -> None:
    head = await sent(own, "HEAD", "/v1/customers/cus_" + "0" * 32)
    assert (head.status_code, head.content) == (404, b"")
    assert head.headers["content-type"] == "application/problem+json"
    assert "request-id" in head.headers


def lasting(response: Response) -> bytes:
    """The body, but for what every request changes."""
    passing = rb'"(remaining|reset_seconds)":[0-9]+|"(now|as_of)":"[^"]*"'
    return re.sub(passing, b"", response.content)


@pytest.mark.parametrize("case", CATALOGUE["ignored"], ids=named)
async def test_a_header_that_nobody_should_heed_changes_nothing(
    own: Side, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    headers = {k: str(repeated(v)).encode("latin-1") for k, v in case["headers"].items()}
    async with nothing_changes():
        for operation in READS:
            plain = await sent(own, "GET", own.path(operation))
            response = await sent(own, "GET", own.path(operation), headers=headers)
            assert (response.status_code, lasting(response)) == (200, lasting(plain))
            assert response.headers["content-type"] == plain.headers["content-type"]
            assert "evil" not in str(response.headers)


@pytest.mark.parametrize("case", CATALOGUE["nowhere"], ids=named)
async def test_an_address_with_nothing_behind_it_is_not_found(
    own: Side, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    async with nothing_changes():
        for method in ("GET", "POST", "PATCH", "DELETE"):
            response = await sent(own, method, filled(own, case["path"]))
            problem = refused(response, 404, "not-found")
            assert "location" not in response.headers
            assert not problem["errors"]


@pytest.mark.parametrize("case", CATALOGUE["no_external_ids"], ids=named)
async def test_what_cannot_be_an_external_id_is_nobodys_and_is_given_to_nobody(
    own: Side, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    async with nothing_changes():
        for operation in WRITES_BY_EXTERNAL_ID:
            address = f"{operation.collection}/external/{repeated(case['path'])}"
            for method, body in (("GET", None), ("PATCH", operation.body)):
                response = await sent(own, method, address, json=body)
                assert not refused(response, 404, "not-found")["errors"]


@pytest.mark.parametrize("case", CATALOGUE["external_ids"], ids=named)
async def test_an_unusual_external_id_is_taken_as_it_was_meant(
    own: Side, case: dict[str, Any]
) -> None:
    for operation in WRITES_BY_EXTERNAL_ID:
        address = f"{operation.collection}/external/sap/{repeated(case['path'])}"
        body = fresh(operation.body)
        made = await sent(own, "PATCH", address, json=body)
        assert (made.status_code, made.json()["external_ids"]) == (201, {"sap": meant(case)})
        assert (await sent(own, "GET", address)).content == made.content
        again = await sent(own, "PATCH", address, json=body)
        assert (again.status_code, again.content) == (200, made.content)


def meant(case: dict[str, Any]) -> str:
    return str(repeated(case.get("means", case["path"])))


@pytest.mark.parametrize("case", CATALOGUE["queries"], ids=named)
async def test_a_query_that_does_not_fit_is_refused_where_it_stands(
    own: Side, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    address = f"{filled(own, case['path'])}?{repeated(case['query'])}"
    async with nothing_changes():
        response = await sent(own, case.get("method", "GET"), address)
    problem = refused(response, 422, "validation-failed")
    assert pointers(problem) == set(case["pointers"])
    assert not repeats(problem, ["zhubajie"])


@pytest.mark.parametrize("cursor", CATALOGUE["cursors"])
async def test_a_cursor_that_is_not_ours_is_refused(
    own: Side, nothing_changes: Unchanged, cursor: str
) -> None:
    async with nothing_changes():
        response = await own.client.get("/v1/customers", params={"cursor": cursor})
    refused(response, 400, "invalid-cursor")


@pytest.mark.parametrize("tag", CATALOGUE["preconditions"], ids=lambda tag: repr(tag)[:30])
async def test_a_precondition_that_no_record_meets_fails(
    own: Side, nothing_changes: Unchanged, tag: Any
) -> None:
    headers = {"if-match": str(repeated(tag)).encode("latin-1")}
    path = f"/v1/customers/{own.records['/v1/customers']}"
    async with nothing_changes():
        for method, address, body in (
            ("PATCH", path, {"source": "web"}),
            ("POST", f"{path}/archive", None),
            ("PATCH", "/v1/tenant", {"name": "Other"}),
            *(
                ("PATCH", f"{own.path(upsert)}{whose}", upsert.body)
                for upsert in WRITES_BY_EXTERNAL_ID
                for whose in ("", "-of-nobody")
            ),
        ):
            response = await sent(own, method, address, headers=headers, json=body)
            refused(response, 412, "precondition-failed")


@pytest.mark.parametrize("case", CATALOGUE["too_much"], ids=named)
async def test_too_much_is_refused_before_it_is_read(
    own: Side, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    headers = {name: str(repeated(value)) for name, value in case.get("headers", {}).items()}
    headers |= {f"x-{n}": "a" for n in range(case.get("many_headers", 0))}
    async with nothing_changes():
        response = await sent(own, "POST", str(repeated(case["path"])), headers=headers)
    refused(response, case["status"], case["code"])
