"""The pages for people: complete, and nothing on them comes from another host."""

import base64
import gzip
import hashlib
import re
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from crm_api.kit.problem_registry import PROBLEMS

PAGES = ["/docs", "/problems", *(f"/problems/{code}" for code in PROBLEMS)]
ELSEWHERE = re.compile(r"(https?:)?//[a-z0-9.-]+", re.IGNORECASE)
INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


@pytest.fixture
async def visitor(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Without a key."""
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as visitor:
        yield visitor


async def _get(visitor: AsyncClient, path: str, **headers: str) -> Response:
    return await visitor.get(path, headers=headers)


async def _script(visitor: AsyncClient, encoding: str) -> tuple[Response, bytes]:
    """The answer, and its body as it travels."""
    headers = {"Accept-Encoding": encoding}
    async with visitor.stream("GET", "/docs/scalar.js", headers=headers) as answer:
        return answer, b"".join([part async for part in answer.aiter_raw()])


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_html_and_names_no_other_host(visitor: AsyncClient, path: str) -> None:
    answer = await _get(visitor, path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert ELSEWHERE.findall(answer.text) == []


@pytest.mark.parametrize("path", PAGES)
async def test_the_policy_of_a_page_admits_what_is_on_it_and_no_other_host(
    visitor: AsyncClient, path: str
) -> None:
    answer = await _get(visitor, path)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src ")
    assert "frame-ancestors 'none'" in policy
    assert ELSEWHERE.findall(policy) == []
    assert "*" not in policy
    for _, text in INLINE.findall(answer.text):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


async def test_the_policy_of_the_reference_allows_scripts_only_of_this_server(
    visitor: AsyncClient,
) -> None:
    policy = (await _get(visitor, "/docs")).headers["Content-Security-Policy"]
    (scripts,) = [rule for rule in policy.split("; ") if rule.startswith("script-src ")]
    assert re.fullmatch(r"script-src 'self' 'sha256-[\w+/=]+'", scripts)


async def test_the_reference_shows_the_contract_of_this_server(visitor: AsyncClient) -> None:
    text = (await _get(visitor, "/docs")).text
    assert '"url": "/openapi.json"' in text
    assert '"telemetry": false' in text
    assert (await _get(visitor, "/openapi.json")).json()["openapi"].startswith("3.1")


async def test_the_script_of_the_page_travels_packed_once(visitor: AsyncClient) -> None:
    answer, packed = await _script(visitor, "gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(packed) < 1_500_000
    assert b"@scalar/api-reference" in gzip.decompress(packed)


async def test_the_script_travels_plain_to_those_who_cannot_unpack(visitor: AsyncClient) -> None:
    answer, plain = await _script(visitor, "identity")
    _, packed = await _script(visitor, "gzip")
    assert "Content-Encoding" not in answer.headers
    assert plain == gzip.decompress(packed)


async def test_the_script_is_fetched_once_and_kept(visitor: AsyncClient) -> None:
    (address,) = re.findall(r'src="([^"]+)"', (await _get(visitor, "/docs")).text)
    first = await _get(visitor, address)
    assert "immutable" in first.headers["Cache-Control"]
    again = await _get(visitor, address, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain, _ = await _script(visitor, "identity")
    assert plain.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize("code", PROBLEMS)
async def test_the_page_of_a_problem_says_what_it_means(visitor: AsyncClient, code: str) -> None:
    text = (await _get(visitor, f"/problems/{code}")).text
    kind = PROBLEMS[code]
    assert f"<h1>{kind.title}</h1>" in text
    assert f"HTTP status {kind.status}" in text
    assert "`" not in text
    assert f'href="/problems/{code}"' in (await _get(visitor, "/problems")).text


async def test_the_type_of_a_problem_leads_to_its_page(visitor: AsyncClient) -> None:
    problem = (await _get(visitor, "/v1/me")).json()
    assert problem["type"] == "/problems/unauthorized"
    assert (await _get(visitor, problem["type"])).status_code == 200


@pytest.mark.parametrize("code", ["no-such-code", "Conflict", "conflict/", "%3Cscript%3E"])
async def test_an_unknown_problem_is_a_problem(visitor: AsyncClient, code: str) -> None:
    answer = await _get(visitor, f"/problems/{code}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not-found"


async def test_pages_are_only_read(visitor: AsyncClient) -> None:
    answer = await visitor.post("/docs")
    assert answer.status_code == 405
    assert answer.json()["code"] == "method-not-allowed"
    assert "GET" in answer.headers["Allow"]


async def test_the_front_door_leads_to_the_reference(visitor: AsyncClient) -> None:
    answer = await _get(visitor, "/")
    assert (answer.status_code, answer.headers["Location"]) == (307, "/docs")
