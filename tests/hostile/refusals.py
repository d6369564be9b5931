"""What every refusal is, whatever was wrong."""

import json
import re
from collections.abc import Iterator
from typing import Any

from httpx import Headers, Response

MEDIA_TYPE = "application/problem+json"
REQUEST_ID = re.compile("req_[0-9a-f]{32}")
INSIDE = re.compile(
    r"Traceback|File \"|\.py\b|asyncpg|sqlalchemy|pydantic|starlette|psycopg"
    r"|\bSELECT\b|\bINSERT\b|\bUPDATE\b|\bWHERE\b|violates|constraint|relation \""
)
OWN = {"pointer", "instance", "request_id", "type", "kind"}


def refused(response: Response, status: int, code: str) -> dict[str, Any]:
    """The problem, once it is sure that it is one and that it tells nothing it should not."""
    return refusal(response.status_code, response.headers, response.content, status, code)


def refusal(found: int, headers: Headers, content: bytes, status: int, code: str) -> dict[str, Any]:
    shown = content[:2000].decode()
    assert found == status, shown
    assert headers["content-type"] == MEDIA_TYPE
    problem: dict[str, Any] = json.loads(content)
    assert (problem["code"], problem["status"]) == (code, status), shown
    assert problem["type"] == f"/problems/{code}"
    assert REQUEST_ID.fullmatch(headers["request-id"])
    assert problem["request_id"] == headers["request-id"]
    assert {"title", "detail", "instance", "errors"} <= problem.keys()
    assert not [text for text in words(problem) if INSIDE.search(text)], shown
    return problem


def words(problem: Any, name: str = "") -> Iterator[str]:
    """What a problem says in words of its own, so not where and not which request."""
    if isinstance(problem, dict):
        for member, part in problem.items():
            yield from words(part, member)
    elif isinstance(problem, list):
        for part in problem:
            yield from words(part, name)
    elif isinstance(problem, str) and name not in OWN:
        yield problem


def pointers(problem: dict[str, Any]) -> set[str]:
    return {error["pointer"] for error in problem["errors"]}


def repeats(problem: dict[str, Any], sent: Any) -> list[str]:
    """Texts of the input that stand in the words of the answer."""
    said = " ".join(words(problem))
    return [text for text in words(sent) if len(text) > 4 and text in said]
