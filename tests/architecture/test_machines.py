"""What is declared of states: nothing is left out, and nothing leads nowhere."""

import pytest
from sqlalchemy import Enum

from crm_api.api import resources
from crm_api.kit.columns import mark
from crm_api.kit.keepers import keeper
from crm_api.kit.machines import Machine
from crm_api.kit.resource import Resource
from crm_api.kit.schema import OpenEnum
from crm_api.kit.words import Words

Declared = tuple[Resource, str, Machine]
MACHINES: list[Declared] = [(noun, *of) for noun in resources for of in noun.machines.items()]


def named(of: Declared) -> str:
    return f"{of[0].word}.{of[1]}"


every_machine = pytest.mark.parametrize("of", MACHINES, ids=named)


@every_machine
def test_a_machine_is_about_a_column_of_its_noun(of: Declared) -> None:
    noun, field, machine = of
    column = noun.model.__table__.columns[field]
    assert isinstance(column.type, Enum)
    assert set(column.type.enums) <= set(machine.kind)
    kinds = [one.kind for one in noun.machines.values()]
    assert len(set(kinds)) == len(kinds), "a state tells which machine it is of"
    assert noun.machine_of(machine.begins) == (field, machine)


@every_machine
def test_people_are_told_what_each_state_is_called(of: Declared) -> None:
    noun, field, machine = of
    values = mark(keeper(noun).read.model_fields[field], OpenEnum)
    assert (values.kind, values.labels.keys()) == (machine.kind, set(machine.kind))


@every_machine
def test_every_state_can_be_reached_from_the_first(of: Declared) -> None:
    *_, machine = of
    reached, found = {machine.begins}, {machine.begins}
    while found:
        found = {after for state in found for after in machine.after(state)} - reached
        reached |= found
    assert reached == set(machine.kind)


@every_machine
def test_a_transition_leads_between_states_of_its_own_machine(
    of: Declared,
) -> None:
    *_, machine = of
    ends = [state for before, after, _ in machine.steps() for state in (before, after)]
    assert all(type(state) is machine.kind for state in ends)


@every_machine
def test_a_way_is_told_once(of: Declared) -> None:
    *_, machine = of
    steps = [(before, after, one.by) for before, after, one in machine.steps()]
    assert len(set(steps)) == len(steps)


@every_machine
def test_what_makes_a_transition_is_a_verb_or_a_sentence(
    of: Declared,
) -> None:
    *_, machine = of
    for _, _, one in machine.steps():
        assert one.by.endswith(".") if isinstance(one.by, Words) else one.by.islower(), one.by
        assert (one.verb is None) is (one.because is not None)


def test_every_noun_with_a_state_has_a_machine() -> None:
    declared = {noun.word for noun, *_ in MACHINES}
    without = [noun.word for noun in resources if "state" in noun.model.__table__.columns]
    assert set(without) - declared == set()
