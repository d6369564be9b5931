"""What may become of records, told to whoever asks: as the contract and the documents say it."""

import re
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from httpx import AsyncClient

from crm_api.kit.keepers import keeper
from crm_api.kit.resource import declared
from crm_api.kit.words import LANGUAGES
from crm_api.main import openapi
from tests.conftest import NewClient
from tests.features.test_customers import refused

Json = dict[str, Any]
Way = tuple[str, str, str]
PAGE = Path("docs/reference/state-machines.md")
DRAWING = r"^## (\w+): (\w+)\n\n(.*?)\n\n```mermaid\nstateDiagram-v2\n(.*?)```"
DRAWN: list[tuple[str, str, str, str]] = re.findall(DRAWING, PAGE.read_text(), re.M | re.S)
"""The noun and the field of a diagram, what is said above it, and its lines."""
ARROW = re.compile(r"    (\S+) --> (\S+?)(?:: (.*))?")


async def asked(client: AsyncClient, language: str = "en", **query: str) -> list[Json]:
    headers = {"Accept-Language": language}
    answer = await client.get("/state-machines", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers.get_list("Vary", split_commas=True)
    told: Json = answer.json()
    assert told["object"] == "state_machines"
    machines: list[Json] = told["machines"]
    return machines


def ways(machine: Json) -> set[Way]:
    """From where to where, and by what."""
    found = machine["transitions"]
    return {(one["from"], one["to"], one["verb"] or one["because"]) for one in found}


async def test_the_states_of_customers_are_told(client: AsyncClient) -> None:
    (machine,) = await asked(client, resource="customers")
    archive, restore, again = machine.pop("transitions")
    assert machine == {
        "resource": "customers",
        "noun": "customer",
        "field": "state",
        "initial": "live",
        "states": [
            {"value": "live", "label": "Live", "final": False},
            {"value": "archived", "label": "Archived", "final": False},
        ],
    }
    assert archive == {
        "from": "live",
        "to": "archived",
        "verb": "archive",
        "operation_id": "archiveCustomer",
        "because": None,
        "note": None,
    }
    assert (restore["from"], restore["to"], restore["verb"]) == ("archived", "live", "restore")
    assert (again["operation_id"], again["because"]) == (None, "Another system sends it again.")


async def test_of_all_nouns_that_have_states_they_are_told(client: AsyncClient) -> None:
    told = [(one["resource"], one["noun"], one["field"]) for one in await asked(client)]
    known = [(n.collection, n.word, field) for n in declared.values() for field in n.machines]
    assert told == sorted(known)
    assert len(told) > 10


async def test_a_noun_without_states_has_no_machine(client: AsyncClient) -> None:
    assert await asked(client, resource="api_keys") == []


async def test_what_is_no_collection_is_refused_with_those_that_are(client: AsyncClient) -> None:
    for wrong, code in (("nobody", "unknown_resource"), ("Customers", "string_pattern_mismatch")):
        problem = refused(
            await client.get("/state-machines", params={"resource": wrong}),
            422,
            "validation-failed",
        )
        (error,) = problem["errors"]
        assert (error["pointer"], error["code"]) == ("?resource", code)
    assert "customers" in error["message"]


async def test_everybody_with_a_key_is_told_the_same(
    client: AsyncClient, caller: NewClient
) -> None:
    narrow = await caller("webhook_endpoints:read")
    assert await asked(narrow) == await asked(client)
    client.headers.pop("Authorization")
    refused(await client.get("/state-machines"), 401, "unauthorized")


async def test_people_read_it_in_each_language(client: AsyncClient) -> None:
    spoken = {language: await asked(client, language) for language in LANGUAGES}
    assert set(LANGUAGES) > {"en"}
    for language in LANGUAGES[1:]:
        for english, other in zip(spoken["en"], spoken[language], strict=True):
            said = zip(_words(english), _words(other), strict=True)
            for one, same in said:
                assert (one is None) is (same is None)
                assert one is None or (one.isascii() and one != same), one
            assert _codes(english) == _codes(other)


def _words(machine: Json) -> list[str | None]:
    found = [one["label"] for one in machine["states"]]
    return found + [one[name] for one in machine["transitions"] for name in ("because", "note")]


def _codes(machine: Json) -> Json:
    """All but the words."""
    states = [{**one, "label": None} for one in machine["states"]]
    found = [{**one, "because": None, "note": None} for one in machine["transitions"]]
    return {**machine, "states": states, "transitions": found}


async def test_the_contract_says_the_same(client: AsyncClient, app: FastAPI) -> None:
    shapes = openapi(app)["components"]["schemas"]
    nouns = {noun.word: noun for noun in declared.values()}
    for machine in await asked(client):
        shape = shapes[keeper(nouns[machine["noun"]]).read.__name__]["properties"]
        told = shape[machine["field"]]["x-state-machine"]
        assert shape["object"]["const"] == machine["noun"]
        assert told["initial"] == machine["initial"]
        assert told["final"] == [one["value"] for one in machine["states"] if one["final"]]
        found = [{**one} for one in machine["transitions"]]
        assert all(one.pop("verb") or one["because"] for one in found)
        assert told["transitions"] == found


async def test_the_documents_draw_the_same(client: AsyncClient) -> None:
    drawn = {(noun, field): (said, lines) for noun, field, said, lines in DRAWN}
    machines = await asked(client)
    assert drawn.keys() == {(one["resource"], one["field"]) for one in machines}
    for machine in machines:
        said, lines = drawn[machine["resource"], machine["field"]]
        arrows = [found.groups() for line in lines.splitlines() if (found := ARROW.fullmatch(line))]
        assert len(arrows) == len(lines.splitlines())
        assert [to for before, to, _ in arrows if before == "[*]"] == [machine["initial"]]
        final = {one["value"] for one in machine["states"] if one["final"]}
        assert {before for before, to, _ in arrows if to == "[*]"} == final
        assert all(f"`{state}`" in said for state in final)
        led = {(a, b, by) for a, b, all_ in arrows if all_ for by in all_.split(" / ")}
        assert led == {(a, b, by.replace("`", "").rstrip(".")) for a, b, by in ways(machine)}
        assert all(one["note"] in said for one in machine["transitions"] if one["note"])


def test_the_diagrams_hold_nothing_that_ends_a_label() -> None:
    labels = [label for *_, lines in DRAWN for *_, label in ARROW.findall(lines)]
    assert [label for label in labels if re.search('[:;#`{}"]', label)] == []
