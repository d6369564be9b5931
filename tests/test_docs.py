"""What the documents say is what the code does."""

import asyncio
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from crm_api.api import jobs
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from crm_api.kit.problem_registry import PROBLEMS
from crm_api.main import openapi
from crm_api.platform.jobs.crew import crew
from crm_api.platform.journal.sequencer import Sequencer
from crm_api.settings import Settings

DOCUMENTS = sorted([*Path().glob("*.md"), *Path("docs").rglob("*.md")])
RUN = [
    Path("README.md"),
    Path("docs/tutorial/01-first-customer.md"),
    *(path for path in DOCUMENTS if "how-to" in path.parts and "```http" in path.read_text()),
]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CHANGING = re.compile(r"[a-z]{3}_[0-9a-f]{32}|[0-9-]{10}T[0-9:.]{8,12}Z")
NAME = re.compile(r"\$[A-Z]+")
PLACE = re.compile(r"\{[a-z_]+\}")
KEPT = re.compile(r"^([A-Z]+)=\$ID$", re.MULTILINE)
EXTERNAL = re.compile(r"/external/[^/]+/[^/]+$")
SHORTENED = re.compile(r",?\n\s*[.]{3}\n")
MADE = {201: "ID", 202: "JOB"}
NOT_SETTINGS = {"CRM_KEY", "CRM_PYTHON", "CRM_URL"}


@dataclass
class Call:
    """A curl of a document, and the answer that is printed below it, if any."""

    method: str
    target: str
    headers: dict[str, str]
    body: str | None
    answer: str
    keeps: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        path = NAME.sub("{id}", urlsplit(self.target).path)
        return EXTERNAL.sub("/external/{id}/{id}", path)


def calls(document: Path) -> Iterator[Call]:
    blocks = FENCE.findall(document.read_text())
    for number, (language, text) in enumerate(blocks):
        following = blocks[number + 1] if number + 1 < len(blocks) else ("", "")
        for line in text.replace("\\\n", " ").split("\ncurl ")[-1:] if "curl " in text else ():
            if language == "sh":
                found = call(line, following[1] if following[0] == "http" else "")
                found.keeps = KEPT.findall(text)
                yield found


def call(line: str, answer: str) -> Call:
    found = Call("", "", {}, None, answer)
    words = iter(shlex.split(line.removeprefix("curl ")))
    for word in words:
        if word == "-X":
            found.method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            found.headers[name] = value
        elif word == "-d":
            found.body = next(words)
        elif not word.startswith("-"):
            found.target = word.removeprefix("$API")
    return as_curl_sends(found)


def as_curl_sends(found: Call) -> Call:
    found.method = found.method or ("GET" if found.body is None else "POST")
    if found.body is not None:
        found.headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    return found


def stable(value: Any) -> str:
    return CHANGING.sub("...", json.dumps(value, ensure_ascii=False, sort_keys=True))


def compare(call: Call, response: Response) -> None:
    """Status, headers and members as printed; ids and times are those of another day."""
    head, _, body = call.answer.partition("\n\n")
    status, *headers = head.splitlines()
    assert status.startswith(f"HTTP/1.1 {response.status_code} "), response.text
    for name, value in (header.split(": ", 1) for header in headers):
        assert name in response.headers
        assert name in ("location", "link") or response.headers[name] == value
    if not response.headers.get("content-type", "").endswith("json"):
        assert CHANGING.sub("...", body) == CHANGING.sub("...", response.text.replace("\r\n", "\n"))
    elif body and "[...]" not in body:
        told, sent = json.loads(SHORTENED.sub("\n", body)), response.json()
        assert "\n  ..." in body or list(told) == list(sent)
        assert stable(told) == stable({name: sent[name] for name in told})


@pytest.mark.parametrize("document", RUN, ids=str)
async def test_the_calls_of_a_document_answer_as_printed(
    document: Path, client: AsyncClient, house: House
) -> None:
    for number in range(3):
        await client.post("/customers", json={"kind": "person", "name": f"Bob {number}"})
    known = {"KEY": client.headers["authorization"].removeprefix("Bearer ")}
    for made in calls(document):
        known |= dict.fromkeys(made.keeps, known.get("ID", ""))
        request = client.build_request(
            made.method,
            _filled(f"http://test{made.target}", known),
            headers={name: _filled(value, known) for name, value in made.headers.items()},
            content=made.body and _filled(made.body, known),
        )
        if "Authorization" not in made.headers:
            del request.headers["authorization"]
        response = await client.send(request)
        if made.answer:
            compare(made, response)
        await Sequencer(house.pool).number_all()
        await do_once([crew(house, jobs)], asyncio.Event())
        _remember(known, response)


def _filled(text: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(f"${name}", value)
    assert "$" not in text
    return text


def _remember(known: dict[str, str], response: Response) -> None:
    is_json = response.headers.get("content-type", "") == "application/json"
    said = response.json() if response.is_success and is_json else {}
    if response.status_code in MADE:
        known[MADE[response.status_code]] = said["id"]
    if "has_more" in said and said["data"]:
        known["LAST"] = said["data"][-1]["id"]
    shown = {"CURSOR": "next_cursor", "SECRET": "secret", "TOKEN": "access_token"}
    shown["REFERENCE"] = "reference"
    known |= {name: said[member] for name, member in shown.items() if said.get(member)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_curl_names_an_operation(document: Path, app: FastAPI) -> None:
    paths = {PLACE.sub("{id}", path): item for path, item in openapi(app)["paths"].items()}
    for made in calls(document):
        if made.path.startswith("/v1/"):
            assert made.method.lower() in paths.get(made.path, {}), made


def test_the_readme_shows_five_calls() -> None:
    assert len(list(calls(Path("README.md")))) == 5


def test_the_blocks_of_the_typescript_page_are_the_file_that_is_run() -> None:
    blocks = FENCE.findall(Path("docs/tutorial/02-typescript.md").read_text())
    shown = "\n".join(text for language, text in blocks if language == "ts")
    assert shown == Path("openapi/clients/use.ts").read_text()


def test_the_reference_is_what_the_code_says() -> None:
    check = [sys.executable, "scripts/reference.py", "--check"]
    found = subprocess.run(check, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_leads_somewhere(document: Path) -> None:
    for link in LINK.findall(FENCE.sub("", document.read_text())):
        if not link.startswith(("http://", "https://")):
            name, _, heading = link.partition("#")
            place = (document.parent / name) if name else document
            assert place.exists(), link
            assert not heading or heading in _headings(place), link


def _headings(document: Path) -> set[str]:
    """As GitHub and its like name them."""
    texts = HEADING.findall(FENCE.sub("", document.read_text()))
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts}


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_variable_is_a_setting(document: Path) -> None:
    known = {f"CRM_{name.upper()}" for name in Settings.model_fields} | NOT_SETTINGS
    assert set(re.findall(r"\bCRM_[A-Z_]+\b", document.read_text())) <= known


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_problem_named_in_a_status_is_registered(document: Path) -> None:
    """`409 duplicate-value` in running text is the status and the code of one kind."""
    for status, code in re.findall(r"\b(4\d\d|5\d\d) `([a-z-]+)`", document.read_text()):
        assert PROBLEMS[code].status == int(status)


def test_every_decision_is_in_the_index() -> None:
    index = Path("docs/decisions/README.md").read_text()
    records = sorted(path.name for path in Path("docs/decisions").glob("[0-9]*.md"))
    assert [name for name in records if f"]({name})" not in index] == []
    assert [int(name[:4]) for name in records] == list(range(1, len(records) + 1))
