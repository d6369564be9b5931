from collections.abc import Iterator

from crm_api.kit.collection import UnknownCollection
from crm_api.kit.columns import mark
from crm_api.kit.context import Context
from crm_api.kit.keepers import keeper
from crm_api.kit.machines import Machine, Step
from crm_api.kit.resource import Resource, declared
from crm_api.kit.schema import OpenEnum
from crm_api.kit.words import Words, translated

from .schemas import MachineState, StateMachine, StateMachines, StateTransition


class StateMachineService:
    """Which states records may have, and what leads from one to another."""

    def __init__(self, ctx: Context) -> None:
        self.language = ctx.language

    def get(self, resource: str | None) -> tuple[StateMachines, str]:
        """The machines, and the language of what is said for people. Raises UnknownCollection."""
        nouns = {noun.collection: noun for noun in declared.values()}
        if resource is not None and resource not in nouns:
            raise UnknownCollection("?resource", nouns)
        asked = sorted(nouns) if resource is None else [resource]
        machines = [machine for name in asked for machine in self._of(nouns[name])]
        return StateMachines(object="state_machines", machines=machines), self.language

    def _of(self, noun: Resource) -> Iterator[StateMachine]:
        for field, machine in noun.machines.items():
            yield StateMachine(
                resource=noun.collection,
                noun=noun.word,
                field=field,
                initial=machine.begins,
                states=self._states(noun, field, machine),
                transitions=[self._transition(noun, step) for step in machine.steps()],
            )

    def _states(self, noun: Resource, field: str, machine: Machine) -> list[MachineState]:
        values: OpenEnum = mark(keeper(noun).read.model_fields[field], OpenEnum)
        return [
            MachineState(
                value=state,
                label=translated(values.labels[state], self.language),
                final=machine.is_final(state),
            )
            for state in machine.kind
        ]

    def _transition(self, noun: Resource, step: Step) -> StateTransition:
        before, after, one = step
        return StateTransition(
            from_=before,
            to=after,
            verb=one.verb,
            operation_id=one.verb and noun.operation(one.verb),
            because=self._said(one.because),
            note=self._said(one.note),
        )

    def _said(self, words: Words | None) -> str | None:
        return words and translated(words, self.language)
