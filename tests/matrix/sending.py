"""Requests to the application without a client in between: there are tens of thousands."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import FastAPI

ANY_ID = re.compile(rb"(?:[a-z]{3}_)?([0-9a-f]{32})|([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
VOLATILE = {b"request-id", b"date", b"ratelimit", b"content-length"}
REQUEST_ID = re.compile(rb"req_[0-9a-f]{32}")
Header = tuple[bytes, bytes]


@dataclass(frozen=True)
class Asked:
    """One request; `sent` are the ids in it, `named` is what it calls the record that is not."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    named: str = ""

    @property
    def target(self) -> str:
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    @property
    def sent(self) -> set[str]:
        return hexadecimals(self.said)

    @property
    def said(self) -> bytes:
        return f"{self.target} {self.headers} ".encode() + self.content

    @property
    def content(self) -> bytes:
        if self.body is None or isinstance(self.body, bytes):
            return self.body or b""
        return json.dumps(self.body).encode()


@dataclass
class Answer:
    status: int = 0
    headers: list[Header] = field(default_factory=list)
    body: bytes = b""

    @property
    def told(self) -> bytes:
        """All that a caller gets to read."""
        return b"\n".join([*(b": ".join(header) for header in self.headers), self.body])

    @property
    def code(self) -> str | None:
        return str(json.loads(self.body)["code"]) if self.status >= 400 else None

    def alike(self, asked: Asked) -> tuple[int, list[Header], bytes]:
        """The answer without what names the request, and the ids that were sent."""
        kept = [(name, self._plain(v, asked)) for name, v in self.headers if name not in VOLATILE]
        return self.status, kept, self._plain(self.body, asked)

    def _plain(self, text: bytes, asked: Asked) -> bytes:
        for id in filter(None, (asked.named, *asked.sent)):
            text = text.replace(id.encode(), b"sent")
        return REQUEST_ID.sub(b"request", text)


def hexadecimals(text: bytes) -> set[str]:
    """The ids in a text, of any noun, without their prefixes."""
    return {(one or other.replace(b"-", b"")).decode() for one, other in ANY_ID.findall(text)}


async def send(app: FastAPI, key: str, asked: Asked) -> Answer:
    """As a caller with this key, who hangs up after the beginning of a stream."""
    body = asked.content
    headers = {"authorization": f"Bearer {key}", "host": "test", **asked.headers}
    if body:
        headers = {"content-type": "application/json", **headers}
    answer, parts = Answer(), [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return parts.pop() if parts else {"type": "http.disconnect"}

    async def told(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], list(message["headers"])
        else:
            answer.body += message.get("body", b"")

    await app(_scope(asked, headers, len(body)), receive, told)
    return answer


def _scope(asked: Asked, headers: dict[str, str], length: int) -> dict[str, Any]:
    url = urlsplit(asked.target)
    said = {**headers, "content-length": str(length)} if length else headers
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": asked.method,
        "scheme": "http",
        "path": url.path,
        "raw_path": url.path.encode(),
        "root_path": "",
        "query_string": url.query.encode(),
        "headers": [(name.lower().encode(), text.encode()) for name, text in said.items()],
        "client": ("203.0.113.7", 1),
        "server": ("test", 80),
    }
