"""The link to the next page: the question as it was asked, one page further."""

import string
from urllib.parse import parse_qsl

from fastapi import Request
from hypothesis import example, given
from hypothesis import strategies as st

from crm_api.kit.http import link_next


@given(st.text(string.printable.strip() + "&=%+", max_size=60).filter(lambda raw: "#" not in raw))
@example("cursor=a&limit=2")
@example("limit=2&%63ursor=a&q=a+b%26c&cursor")
@example('q=a>;rel="evil"<b>\\^`{|}')
def test_a_link_asks_the_same_with_another_cursor(raw: str) -> None:
    request = Request({"type": "http", "path": "/v1/customers", "query_string": raw.encode()})
    name, told = link_next(request, "next_-1")
    target, parameters = told.decode("ascii")[1:].split(">")
    asked = [pair for pair in parse_qsl(raw, keep_blank_values=True) if pair[0] != "cursor"]
    assert (name, parameters) == (b"link", '; rel="next"')
    assert not set(target) & set(' <>"\\^`{|}')
    path, _, query = target.partition("?")
    assert path == "/v1/customers"
    assert parse_qsl(query, keep_blank_values=True) == [*asked, ("cursor", "next_-1")]
