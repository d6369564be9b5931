"""SQL in every parameter and in every member of every body: it is text, or it is refused."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from httpx import Response

from .catalogue import DOCUMENT, OPERATIONS, Operation
from .conftest import Side
from .refusals import INSIDE, words

SECONDS = 3.0
SQL = (
    "'",
    "zhu' AND '1'='1",
    "zhu') OR pg_sleep(5) IS NULL--",
    "zhu'; SELECT pg_sleep(5)--",
    "(SELECT CAST(version() AS int))",
    '"; SELECT pg_sleep(5); --',
    "$$||pg_sleep(5)||$$",
)


def asked(operation: Operation) -> Iterator[str]:
    """The names of the query parameters."""
    said = DOCUMENT["paths"][operation.path][operation.method.lower()]
    yield from (p["name"] for p in said.get("parameters", []) if p.get("in") == "query")


def spoiled(body: Any, sql: str) -> Iterator[Any]:
    """The body with the text in the place of each text in it, and of each name."""
    if isinstance(body, str):
        yield sql
    elif isinstance(body, dict):
        for name, part in body.items():
            yield from ({**body, name: one} for one in spoiled(part, sql))
            yield {**{n: p for n, p in body.items() if n != name}, sql: part}
    elif isinstance(body, list):
        for place, part in enumerate(body):
            yield from ([*body[:place], one, *body[place + 1 :]] for one in spoiled(part, sql))


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.id)
async def test_what_is_sent_is_never_sql(own: Side, operation: Operation) -> None:
    for sql in SQL:
        sent = [({name: sql}, operation.body) for name in asked(operation)]
        sent += [({}, body) for body in spoiled(operation.body, sql)]
        for query, body in sent:
            begun = time.monotonic()
            response = await own.client.request(
                operation.method, own.path(operation), params=query, json=body
            )
            assert time.monotonic() - begun < SECONDS, (query, body)
            assert response.status_code < 500, (query, body, response.text)
            assert is_text_or_refused(response), (query, body, response.text)


def is_text_or_refused(response: Response) -> bool:
    """A refusal says nothing of the database."""
    refused = response.is_client_error
    return not refused or not any(map(INSIDE.search, words(json.loads(response.content))))
