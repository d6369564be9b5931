from typing import Annotated, Literal

from pydantic import BaseModel, Field

from crm_api.kit.collection import CollectionName
from crm_api.kit.kinds import Kind
from crm_api.kit.schema import Input, OpenEnum


class FilterFieldQuery(Input):
    resource: Annotated[
        CollectionName, Field(description="A collection, by its name in the URL.")
    ] = "customers"


class FilterChoice(BaseModel):
    """One of the values of a select."""

    value: Annotated[
        str, Field(description="As `value` of a condition has it.", examples=["person"])
    ]
    label: Annotated[
        str, Field(description="For people, in the caller's language.", examples=["Person"])
    ]
    retired: Annotated[
        bool, Field(description="No longer offered; older records may still have it.")
    ]


class FilterField(BaseModel):
    """A field that filters and aggregates may ask about."""

    field: Annotated[
        str,
        Field(
            description="As `field` of a condition has it; you complete what is in braces.",
            examples=["kind"],
        ),
    ]
    label: Annotated[
        str,
        Field(
            description="For people, in the caller's language; ` › ` leads to another record.",
            examples=["Kind"],
        ),
    ]
    kind: Annotated[str, OpenEnum(Kind), Field(examples=["select"])]
    operators: Annotated[list[str], Field(examples=[["eq", "ne", "in", "not_in", "exists"]])]
    options: Annotated[
        list[str],
        Field(
            description="All values there are, where there are few; else empty.",
            examples=[["person"]],
        ),
    ]
    choices: Annotated[
        list[FilterChoice],
        Field(description="The same values with what they are called, for a list to choose from."),
    ]
    groupable: Annotated[bool, Field(description="Whether `group_by` may name it.")]
    description: Annotated[
        str | None,
        Field(
            description="What it means, where the label does not say it all.",
            examples=["What the customer is."],
        ),
    ]


class FilterFields(BaseModel):
    """All that may be asked about the records of a collection."""

    object: Literal["filter_fields"]
    resource: Annotated[str, Field(examples=["customers"])]
    fields: list[FilterField]
