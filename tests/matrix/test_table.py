"""The rules say something of every operation, of every place for an id, and of nothing else."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from crm_api.platform.roles.built_in import ROLES
from tests.hostile.catalogue import DOCUMENT, OPERATIONS

from .places import PLACES, PREFIXES
from .planting import PLANTED
from .rules import (
    BETWEEN,
    CALLERS,
    DEEDS,
    KINDS,
    NOUN_OF,
    NOUNS,
    RULES,
    kind_of,
    prefix_of,
)
from .schemas import parts

MARK = "plantedmark"
BESIDE = {"key_for_everything", "nothing", "looker"}
OF_OPERATIONS = (
    *("besides", "queries", "live", "elsewhere", "stays_there", "whole"),
    *("references_first", "begun", "gives", "fixed"),
)
OF_PLACES = ("names", "items_as", "itself")
OF_CALLERS = (
    *("unlimited", "change_their_own", "make_their_own", "own_tasks"),
    *("masked", "veiled"),
)
SEEN_BY = {"everybody", "viewers", "makers", "owners"}
NAMED = {f"{place.operation.id} {place.name}" for some in PLACES.values() for place in some}
ANYWHERE = {place.name for some in PLACES.values() for place in some}


def test_every_operation_has_a_noun_and_a_deed() -> None:
    assert set(NOUN_OF) == set(OPERATIONS)
    listed = [one for noun in NOUNS.values() for deed in DEEDS for one in noun.get(deed, ())]
    assert sorted(listed) == sorted(NOUN_OF)


def test_every_noun_says_who_sees_its_records() -> None:
    assert {noun["seen_by"] for noun in NOUNS.values()} == SEEN_BY
    assert set(RULES["prefixes"]) == PREFIXES - {"ten"} | {"evt", "stg"}
    assert set(RULES["prefixes"].values()) <= set(NOUNS)


def test_every_place_for_an_id_is_something() -> None:
    """Raises KeyError at a place of which nothing is said."""
    for some in PLACES.values():
        for place in some:
            assert kind_of(place)
            assert prefix_of(place) in RULES["prefixes"]


def test_no_rule_is_of_something_that_is_not_there() -> None:
    places = {f"{operation} {name}" for operation, name in KINDS if operation != "*"}
    assert {name for operation, name in KINDS if operation == "*"} <= ANYWHERE
    of_places = (RULES[name] for name in OF_PLACES)
    for said in (places, *of_places, set(RULES["bodies"]) - set(OPERATIONS)):
        assert set(said) <= NAMED
    for name in OF_OPERATIONS:
        assert set(RULES[name]) <= set(OPERATIONS)
    assert {one for some in BETWEEN.values() for one in some} <= set(OPERATIONS)
    assert set(RULES["archived_references"]) <= NAMED | set(NOUNS)


def test_every_role_of_the_product_is_a_caller() -> None:
    assert set(CALLERS) == {role.code for role in ROLES} | BESIDE
    rights = {"all", *NOUNS, *(right for held in RULES["besides"].values() for right in held)}
    assert {right for held in CALLERS.values() for right in held} <= rights
    some = [*(RULES[name] for name in OF_CALLERS), *RULES["fixed"].values()]
    assert {caller for callers in some for caller in callers} <= set(CALLERS)


def _texts(schema: Any) -> Iterator[str]:
    """Where any text is taken, so that a marker is one too."""
    for at, node in parts(schema):
        if node.get("type") == "string" and _takes_anything(node):
            yield at


def _takes_anything(node: Any) -> bool:
    bound = {"enum", "const", "format", "x-extensible-enum"} & node.keys()
    return not bound and re.search(node.get("pattern", ""), MARK) is not None


def _planted(node: Any, at: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for key, part in node.items():
            yield from _planted(part, f"{at}/{key}")
    elif isinstance(node, list):
        for part in node:
            yield from _planted(part, f"{at}/*")
    elif "@mark@" in str(node) or "@one@" in str(node):
        yield at


CREATING = [one for one in OPERATIONS.values() if one.id.startswith("create") and one.takes_body]


@pytest.mark.parametrize("operation", CREATING, ids=lambda o: o.id)
def test_a_marker_is_planted_in_every_text(operation: Any) -> None:
    said = DOCUMENT["paths"][operation.path]["post"]["requestBody"]
    bodies = [PLANTED.get(operation.id, {}), PLANTED["person"]]
    planted = {at for body in bodies for at in _planted(body)}
    planted |= set(PLANTED["unplanted"].get(operation.id, ()))
    taken = _texts(said["content"]["application/json"]["schema"])
    assert [at for at in taken if not any(_is_there(at, one) for one in planted)] == []


def _is_there(at: str, planted: str) -> bool:
    return re.fullmatch(re.escape(at).replace(r"\+", "[^/]+"), planted) is not None
