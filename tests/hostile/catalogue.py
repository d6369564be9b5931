"""The catalogue of hostile inputs as data, and the operations that the contract has."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from crm_api.main import create_app, openapi
from crm_api.settings import Settings

HERE = Path(__file__).parent
DOCUMENT = openapi(create_app(Settings()))
PLACE, FRESH, ANOTHER_DAY = "@place@", "@fresh@", "@another day@"
ANOTHER_MONTH, ANOTHER_NUMBER = "@another month@", "@another number@"
ANOTHER_WHOLE_NUMBER = '"@another whole number@"'
DAYS, MONTHS, NUMBERS = iter(range(100_000)), iter(range(3_000)), iter(range(100_000))
EXTERNAL = "{system}/{external_id}"
SEEN = {"$ref": "#/components/parameters/IfMatchRequired"}
NAMED = {"$ref": "#/components/parameters/IdempotencyKeyRequired"}


class _Strict(yaml.SafeLoader):
    """Takes no key twice: the second would quietly stand for both."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key stands twice{node.start_mark}"
        return super().construct_mapping(node, deep)


def read(path: str | Path) -> Any:
    """A file of rules, beside this one unless said otherwise."""
    return yaml.load((HERE / path).read_text("utf-8"), _Strict)


BODIES: dict[str, Any] = read("bodies.yaml")
FILES: dict[str, dict[str, str]] = read("files.yaml")
BEFORE: dict[str, list[str]] = read("before.yaml")


@dataclass(frozen=True)
class Operation:
    """One operation of the contract, on the record whose id stands in its path, if any."""

    id: str
    method: str
    path: str
    takes_body: bool
    streams: bool
    needs_a_tag: bool = False
    needs_a_name: bool = False

    @property
    def names_a_record(self) -> bool:
        return "{id}" in self.path

    @property
    def names_an_external_id(self) -> bool:
        return EXTERNAL in self.path

    @property
    def collection(self) -> str:
        return self.path.partition("/{id}")[0].partition("/external/")[0]

    @property
    def query(self) -> str:
        return f"?{FILES[self.id]['query']}" if self.id in FILES else ""

    @property
    def headers(self) -> dict[str, str]:
        """Without these the operation does nothing; whatever version the record is at, and a name
        for the one write."""
        tag = {"if-match": "*"} if self.needs_a_tag else {}
        return tag | ({"idempotency-key": str(uuid4())} if self.needs_a_name else {})

    def is_at(self, method: str, path: str) -> bool:
        """Whether a request is one for this operation."""
        form = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(self.path))
        return method == self.method and re.fullmatch(form, path) is not None

    @property
    def file(self) -> dict[str, str] | None:
        """A valid file; null where the operation takes none."""
        return FILES.get(self.id)

    @property
    def body(self) -> Any:
        """A valid body; null where the operation takes none."""
        return fresh(BODIES[self.id]) if self.takes_body else None


def fresh(body: Any) -> Any:
    text = json.dumps(body).replace(FRESH, f"n{uuid4().hex}")
    if ANOTHER_DAY in text:
        text = text.replace(ANOTHER_DAY, str(date(1900, 1, 1) + timedelta(days=next(DAYS))))
    if ANOTHER_MONTH in text:
        years, months = divmod(next(MONTHS), 12)
        text = text.replace(ANOTHER_MONTH, str(date(1900 + years, 1 + months, 1)))
    if ANOTHER_NUMBER in text:
        text = text.replace(ANOTHER_NUMBER, str(next(NUMBERS)))
    if ANOTHER_WHOLE_NUMBER in text:
        text = text.replace(ANOTHER_WHOLE_NUMBER, str(next(NUMBERS)))
    return json.loads(text)


def _operations() -> Iterator[Operation]:
    for path, item in DOCUMENT["paths"].items():
        for method, said in item.items():
            sent = said.get("requestBody", {}).get("content", {})
            streams = "text/event-stream" in said["responses"].get("200", {}).get("content", {})
            takes = "application/json" in sent
            asked = said.get("parameters", ())
            needs = {"needs_a_tag": SEEN in asked, "needs_a_name": NAMED in asked}
            yield Operation(said["operationId"], method.upper(), path, takes, streams, **needs)


OPERATIONS = {operation.id: operation for operation in _operations()}
NAMING_WRITES = [operation for operation in OPERATIONS.values() if operation.needs_a_name]
TAKING_BODIES = [operation for operation in OPERATIONS.values() if operation.takes_body]
NAMING_RECORDS = [operation for operation in OPERATIONS.values() if operation.names_a_record]


def raw(case: dict[str, Any]) -> bytes:
    """The bytes of a case: `hex`, so many `members`, or `text` in its `encoding`."""
    if "hex" in case:
        return bytes.fromhex(case["hex"])
    if "members" in case:
        return json.dumps({f"zhubajie{n}": 1 for n in range(case["members"])}).encode()
    text = case["text"] if isinstance(case["text"], list) else [case["text"]]
    return "".join(map(repeated, text)).encode(case.get("encoding", "utf-8"))


def repeated(part: Any) -> str:
    """Text as it stands, or `{prefix: ..., repeat: x, times: n}`."""
    if isinstance(part, dict):
        return str(part.get("prefix", "") + part["repeat"] * part["times"])
    return str(part)


def literals(case: dict[str, Any]) -> Iterator[str]:
    """The JSON texts that a case of `fields` puts in its place."""
    yield from map(json.dumps, case.get("values", ()))
    yield from case.get("literals", ())
    for times in case.get("repeat", {}).get("times", ()):
        yield json.dumps(case["repeat"]["text"] * times)
    for times in case.get("many", {}).get("times", ()):
        yield json.dumps([case["many"]["value"]] * times)
    for count in case.get("members", ()):
        yield json.dumps({f"zhubajie{n}": "1" for n in range(count)})


def placed(operation: Operation, at: str, literal: str) -> bytes:
    """The valid body of an operation with a JSON text in one of its members."""
    spoiled = {**operation.body, at.removeprefix("/"): PLACE}
    return json.dumps(spoiled).replace(f'"{PLACE}"', literal).encode()


def title(case: dict[str, Any]) -> str:
    return f"{case['row']} {case['title']}"
