from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from crm_api.kit.collection import CollectionName
from crm_api.kit.schema import Input


class StateMachineQuery(Input):
    resource: Annotated[
        CollectionName | None,
        Field(description="Only those of this collection, by its name in the URL; else all."),
    ] = None


class MachineState(BaseModel):
    """One of the values that the field may have."""

    value: Annotated[str, Field(description="As records have it.", examples=["live"])]
    label: Annotated[
        str, Field(description="For people, in the caller's language.", examples=["Live"])
    ]
    final: Annotated[bool, Field(description="Whether it stays so: nothing leads on from here.")]


class StateTransition(BaseModel):
    """A way from one state to another, and what leads along it."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    from_: Annotated[str, Field(alias="from", examples=["live"])]
    to: Annotated[str, Field(examples=["archived"])]
    verb: Annotated[
        str | None,
        Field(
            description="The last part of the operation's path; null where no operation leads "
            "there, and it comes about by what `because` says.",
            examples=["archive"],
        ),
    ]
    operation_id: Annotated[
        str | None,
        Field(description="The operation of this contract.", examples=["archiveCustomer"]),
    ]
    because: Annotated[
        str | None,
        Field(
            description="For people, in the caller's language: what leads there where no "
            "operation does, such as a time that is over.",
            examples=[None],
        ),
    ]
    note: Annotated[
        str | None,
        Field(
            description="For people, in the caller's language: what the states alone do not say.",
            examples=[None],
        ),
    ]


class StateMachine(BaseModel):
    """What may become of one field of the records of a noun. It changes in no other way: that is
    refused with 409 `invalid-transition`."""

    resource: Annotated[str, Field(description="The collection.", examples=["customers"])]
    noun: Annotated[str, Field(description="`object` of its records.", examples=["customer"])]
    field: Annotated[
        str, Field(description="The field of a record that has the state.", examples=["state"])
    ]
    initial: Annotated[str, Field(description="Of a new record.", examples=["live"])]
    states: Annotated[list[MachineState], Field(description="All, in an order to show them in.")]
    transitions: list[StateTransition]


class StateMachines(BaseModel):
    """What may become of records. The contract says it too, at each field: `x-state-machine`."""

    object: Literal["state_machines"]
    machines: Annotated[
        list[StateMachine],
        Field(description="By resource; a noun has one for each of its fields with states."),
    ]
