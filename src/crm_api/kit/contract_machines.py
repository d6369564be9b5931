"""What may become of a record, told at the fields of its document that its states are in."""

from typing import Any

from .keepers import keeper
from .machines import Machine, Step
from .resource import Resource, declared

Json = dict[str, Any]


def add_machines(schemas: Json) -> None:
    """In place: `x-state-machine` at the fields that nouns have declared machines for."""
    for noun in declared.values():
        for field, machine in noun.machines.items():
            shape = schemas[keeper(noun).read.__name__]
            shape["properties"][field]["x-state-machine"] = _told(noun, machine)


def _told(noun: Resource, machine: Machine) -> Json:
    return {
        "initial": machine.begins.value,
        "final": [state.value for state in machine.kind if machine.is_final(state)],
        "transitions": [_step(noun, step) for step in machine.steps()],
    }


def _step(noun: Resource, step: Step) -> Json:
    before, after, one = step
    return {
        "from": before.value,
        "to": after.value,
        "operation_id": one.verb and noun.operation(one.verb),
        "because": one.because and str(one.because),
        "note": one.note and str(one.note),
    }
