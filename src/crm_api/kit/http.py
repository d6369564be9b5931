"""Answers: documents written by PostgreSQL, sent as they are."""

import re
from collections.abc import Container, Mapping
from typing import Any
from urllib.parse import quote, unquote

from fastapi import Request, Response
from pydantic import BaseModel
from pydantic_core import to_json

from .pages import Listing
from .projection import Document, Written

JSON = (b"content-type", b"application/json")
PRIVATE = (b"cache-control", b"private, no-cache")
ENTITY_TAG = re.compile(r'(W/)?"([0-9]{1,9})(-[!#-~]*)?"')
MOST_VERSION = 2**31
IN_A_QUERY = "!$&'()*+,;=:@/?%"  # RFC 3986, 3.4, with what is quoted already
Header = tuple[bytes, bytes]


class Reply(Response):
    """A response whose headers are known as bytes from the start."""

    def __init__(self, body: bytes, status: int = 200, *headers: Header) -> None:
        self.body = body
        self.status_code = status
        self.background = None
        length = (b"content-length", b"%d" % len(body))
        kind = (JSON, length) if status not in (204, 304) else ()
        self.raw_headers = [*kind, PRIVATE, *headers]


class Pending(Reply):
    """The answer to a write; its body is known when the work is committed.

    `shown` stands before the record's own members, for what is shown once and never kept.
    """

    def __init__(
        self,
        written: Written[Any] | None,
        status: int = 200,
        collection: str | None = None,
        **shown: str,
    ) -> None:
        super().__init__(b"", status)
        self.written, self.collection, self.shown = written, collection, shown

    def place(self, path: str) -> str | None:
        """Where the new record is."""
        if self.status_code not in (201, 202) or self.written is None:
            return None
        return f"{self.collection or path}/{self.written.name()}"

    def fill(self, body: str, version: int, path: str, variant: str) -> None:
        headers = versioned(version, self.place(path), variant)
        super().__init__(with_shown(self.shown, body), self.status_code, *headers)


def versioned(version: int, place: str | None, variant: str = "") -> list[Header]:
    located = [(b"location", place.encode())] if place else []
    tag = f'"{version}-{variant}"' if variant else f'"{version}"'
    return [(b"etag", tag.encode()), *located]


def with_shown(shown: Mapping[str, str], body: str) -> bytes:
    first = to_json(shown)[:-1] + b"," if shown else b"{"
    return first + body[1:].encode()


class PageReply(Reply):
    """One page; the route adds a `Link` to the next."""

    def __init__(self, listing: Listing) -> None:
        super().__init__(listing.body)
        self.next_cursor = listing.next_cursor


def found(document: Document[Any]) -> Response:
    return Reply(document.body.encode(), 200, *versioned(document.version, None, document.variant))


def shown(document: Document[Any]) -> Response:
    """What is written once has no versions, and so no ETag."""
    return Reply(document.body.encode())


def changed(written: Written[Any], **shown: str) -> Response:
    return Pending(written, 200, **shown)


def created(written: Written[Any], **shown: str) -> Response:
    return Pending(written, 201, **shown)


def put(written: Written[Any], collection: str) -> Response:
    """201 for what was not there before, under its own address in `collection`; else 200."""
    if written.outcome != "created":
        return changed(written)
    return Pending(written, 201, collection=collection)


def gone() -> Response:
    """204 for what has been deleted."""
    return Pending(None, 204)


def listed(listing: Listing) -> Response:
    return PageReply(listing)


def answered(body: bytes) -> Response:
    return Reply(body)


def many(items: str, missing: list[str]) -> Response:
    """Documents asked for by id, and the ids that mean nobody."""
    return Reply(b'{"data":[%b],"missing":%b}' % (items.encode(), to_json(missing)))


def said(answer: BaseModel, *headers: Header) -> Response:
    return Reply(answer.model_dump_json().encode(), 200, *headers)


def link_next(request: Request, cursor: str) -> Header:
    """RFC 8288: the same question, one page further."""
    asked = request.scope["query_string"].decode("ascii").split("&")
    kept = [part for part in asked if part and unquote(part.partition("=")[0]) != "cursor"]
    query = quote("&".join([*kept, f"cursor={cursor}"]), safe=IN_A_QUERY)
    return (b"link", f'<{request.scope["path"]}?{query}>; rel="next"'.encode())


def versions(sent: str) -> Container[int]:
    """What `If-Match` allows; `*` is any, and what cannot be read allows nothing.

    Weak tags never match (RFC 9110, 13.1.1).
    """
    if sent.strip() == "*":
        return range(1, MOST_VERSION)
    tags = [ENTITY_TAG.fullmatch(tag.strip()) for tag in sent.split(",")]
    return frozenset(int(tag[2]) for tag in tags if tag and not tag[1])


def unchanged(sent: str, response: Response) -> bool:
    """Whether `If-None-Match` names what would be sent (RFC 9110, 13.1.2: weak comparison)."""
    tag = response.headers.get("etag")
    known = [part.strip().removeprefix("W/") for part in sent.split(",")]
    return tag is not None and (tag in known or known == ["*"])
