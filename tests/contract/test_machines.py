"""What the contract says of states is what is declared, and leads to operations that there are."""

from typing import Any

from crm_api.kit.below import below
from crm_api.kit.keepers import keeper
from tests.architecture.test_machines import MACHINES, Declared, every_machine

from .reading import SCHEMAS, operations

Json = dict[str, Any]


def told(document: Json, of: Declared) -> Json:
    noun, field, _ = of
    shape = document["components"]["schemas"][keeper(noun).read.__name__]
    found: Json = shape["properties"][field]
    return found


@every_machine
def test_a_machine_is_told_at_its_field(document: Json, of: Declared) -> None:
    *_, machine = of
    field = told(document, of)
    found = field["x-state-machine"]
    assert field["x-extensible-enum"] == [state.value for state in machine.kind]
    assert found["initial"] == machine.begins
    assert found["final"] == [state for state in machine.kind if machine.is_final(state)]
    ways = [(way["from"], way["to"]) for way in found["transitions"]]
    assert ways == [(before, after) for before, after, _ in machine.steps()]


@every_machine
def test_a_way_has_an_operation_or_words_and_never_both(document: Json, of: Declared) -> None:
    for way in told(document, of)["x-state-machine"]["transitions"]:
        assert (way["operation_id"] is None) is not (way["because"] is None), way


@every_machine
def test_its_operations_are_verbs_of_its_noun(document: Json, of: Declared) -> None:
    noun, _, machine = of
    found = told(document, of)["x-state-machine"]["transitions"]
    known = {one.said["operationId"]: one for one in operations(document)}
    read = keeper(noun).read
    shapes = [{"$ref": SCHEMAS + kind.__name__} for kind in (read, *below(read))]
    for way, (_, _, one) in zip(found, machine.steps(), strict=True):
        if one.verb is None:
            continue
        operation = known[way["operation_id"]]
        place, _, verb = operation.path.rpartition("/")
        assert (operation.method, verb) == ("post", one.verb)
        answer = document["paths"][place]["get"]["responses"]["200"]
        assert answer["content"]["application/json"]["schema"] in shapes


def test_no_other_field_says_so(document: Json) -> None:
    found = [
        (name, field)
        for name, shape in document["components"]["schemas"].items()
        for field, said in shape.get("properties", {}).items()
        if "x-state-machine" in said
    ]
    declared = [(keeper(noun).read.__name__, field) for noun, field, _ in MACHINES]
    assert sorted(found) == sorted(declared)
