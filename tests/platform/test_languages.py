"""Problems in the language of whoever reads them; programs see the same codes in all of them."""

from typing import Any

import pytest
from httpx import AsyncClient, Response

from tests.serving import PERSON

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.1"}
WORDS = ("title", "detail", "message")
BATCH = {"system": "erp", "items": [{"external_id": "1", "data": {"name": "A"}}]}


def without_words(problem: Any) -> Any:
    if isinstance(problem, list):
        return [without_words(part) for part in problem]
    if not isinstance(problem, dict):
        return problem
    kept = {k: v for k, v in problem.items() if k not in (*WORDS, "request_id")}
    return {name: without_words(part) for name, part in kept.items()}


def said(answer: Response, language: str) -> Any:
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers.get_list("Vary")
    return answer.json()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/customers", {"kind": "person", "name": "", "phone": 1}),
        ("POST", "/customers", {"kind": "person", "contact_points": [{"kind": "phone"}]}),
        ("GET", "/customers?limit=0&sort=x&q=a", None),
        ("GET", "/customers?cursor=x", None),
        ("GET", "/customers/cus_ffffffffffffffffffffffffffffffff", None),
        ("GET", "/nothing", None),
        ("PUT", "/customers", None),
        ("POST", "/api-keys", {"name": "A", "scopes": ["a:read"]}),
        ("PATCH", "/tenant", {"time_zone": "Mars", "languages": ["Klingon"]}),
    ],
)
async def test_words_have_a_language_and_codes_have_none(
    client: AsyncClient, method: str, path: str, body: Any
) -> None:
    english = said(await client.request(method, path, json=body), "en")
    chinese = said(await client.request(method, path, json=body, headers=CHINESE), "zh")
    assert without_words(english) == without_words(chinese)
    spoken = [chinese, *chinese["errors"]]
    words = [part[name] for part in spoken for name in WORDS if name in part]
    assert [word for word in words if word.isascii()] == []
    assert all(part[name].isascii() for part in [english] for name in WORDS if name in part)


async def test_a_stranger_is_refused_in_his_language(client: AsyncClient) -> None:
    headers = {"Authorization": "Bearer crm_test_nobody", **CHINESE}
    problem = said(await client.get("/me", headers=headers), "zh")
    assert (problem["code"], problem["title"]) == ("unauthorized", "身份验证失败")


async def test_an_unknown_language_is_answered_in_english(client: AsyncClient) -> None:
    problem = said(await client.get("/nothing", headers={"Accept-Language": "fr, de"}), "en")
    assert problem["title"] == "Not found"


async def test_the_items_of_a_batch_fail_in_the_language_of_the_caller(client: AsyncClient) -> None:
    path = "/customers/batch-upsert"
    english = said(await client.post(path, json=BATCH), "en")
    chinese = said(await client.post(path, json=BATCH, headers=CHINESE), "zh")
    assert without_words(english) == without_words(chinese)
    problem = chinese["data"][0]["problem"]
    assert problem["detail"] == "尚无客户使用此外部 ID。"
    assert problem["errors"][0]["message"] == "新建客户时必须填写此字段。"
    whole = said(await client.post(path, json=BATCH | {"atomic": True}, headers=CHINESE), "zh")
    assert whole["errors"][0]["message"] == "新建客户时必须填写此字段。"


async def test_what_was_done_before_is_told_in_the_words_of_that_time(client: AsyncClient) -> None:
    key = {"Idempotency-Key": "one"}
    path = "/customers/batch-upsert"
    first = await client.post(path, json=BATCH, headers=key | CHINESE)
    again = await client.post(path, json=BATCH, headers=key | {"Accept-Language": "en"})
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content == first.content


async def test_an_answer_without_words_has_no_language(client: AsyncClient) -> None:
    made = await client.post("/customers", json=PERSON, headers=CHINESE)
    read = await client.get(f"/customers/{made.json()['id']}", headers=CHINESE)
    for answer in (made, read):
        assert answer.is_success
        assert "Content-Language" not in answer.headers
        assert "Vary" not in answer.headers


async def test_a_page_of_another_site_may_see_the_vary_of_both(client: AsyncClient) -> None:
    origin = {"Origin": "https://crm.example.com", **CHINESE}
    answer = await client.get("/nothing", headers=origin)
    assert set(answer.headers.get_list("Vary")) == {"Accept-Language", "Origin"}


@pytest.mark.parametrize("path", ["/problems", "/problems/validation-failed"])
async def test_the_pages_of_problems_have_a_language(client: AsyncClient, path: str) -> None:
    answer = await client.get(f"http://test{path}", headers=CHINESE)
    assert answer.headers["Content-Language"] == "zh"
    assert '<html lang="zh">' in answer.text
    assert "校验未通过" in answer.text


async def test_whoever_sends_no_id_is_told_how_one_begins(client: AsyncClient) -> None:
    body = {"user_id": "usr_1", "role_id": "rol_" + "G" * 32}
    problem = (await client.post("/role-assignments", json=body)).json()
    assert {error["pointer"]: error["message"] for error in problem["errors"]} == {
        "/user_id": "Send an id that begins with usr_, as the API has told it.",
        "/role_id": "Send an id that begins with rol_, as the API has told it.",
    }
