import re
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, Field

from crm_api.kit.batch import LENIENT
from crm_api.kit.forms import form
from crm_api.kit.schema import Input
from crm_api.kit.words import misfit, say

T = TypeVar("T")
SYSTEM = "^[a-z][a-z0-9_]{0,39}$"
System = Annotated[
    str,
    form(SYSTEM, say("Send a system's name: lower-case letters, digits and _."), examples=["sap"]),
]
Value = Annotated[
    str, form("^[!-~]+$", say("Send visible ASCII characters without spaces."), max_length=200)
]

ValueInPath = Annotated[
    str,
    form(
        "^[!-.0-~]+$",
        say("Send visible ASCII characters without spaces and slashes."),
        max_length=200,
        description="The system's id of the record; one with a slash goes into a batch.",
        examples=["0000104711"],
    ),
]


def _known_shape(ids: dict[str, T]) -> dict[str, T]:
    if any(re.fullmatch(SYSTEM, system) is None for system in ids):
        raise misfit(
            "external_system_invalid", say("A system is named by lower-case letters, digits and _")
        )
    return ids


NAMES = {"propertyNames": {"pattern": SYSTEM}, "examples": [{"sap": "0000104711"}]}
ExternalIds = Annotated[
    dict[str, Value],
    Field(max_length=20, description="The record's id in other systems.", json_schema_extra=NAMES),
    AfterValidator(_known_shape),
]
ExternalIdsPatch = Annotated[
    dict[str, Value | None],
    Field(max_length=20, description="Null removes the id of a system.", json_schema_extra=NAMES),
    AfterValidator(_known_shape),
]


class ExternalIdAlias(Input):
    """Another id that a system knows the record by, such as one from before a merge there."""

    system: System
    value: Value


class ExternalIdAliasRead(BaseModel):
    """Another id that a system knows the record by."""

    system: Annotated[str, Field(examples=["sap"])]
    value: Annotated[str, Field(examples=["0000099001"])]


class IfMissing(Input):
    if_missing: Annotated[
        Literal["create", "fail"],
        Field(description="What to do where no record has this external id."),
    ] = "create"


class BatchItem(Input, Generic[T]):
    """A merge patch for the record of an external id."""

    external_id: Value
    data: T


class Batch(Input, Generic[T]):
    """Up to a hundred records of one system, each created or changed by its external id."""

    system: System
    atomic: Annotated[bool, Field(description="All or nothing.")] = False
    items: Annotated[list[Annotated[T, LENIENT]], Field(min_length=1, max_length=100)]
