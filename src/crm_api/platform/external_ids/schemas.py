import re
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_api.kit.forms import form

T = TypeVar("T")
SYSTEM = "^[a-z][a-z0-9_]{0,39}$"
Value = Annotated[
    str, form("^[!-~]+$", "Send visible ASCII characters without spaces.", max_length=200)
]


def _known_shape(ids: dict[str, T]) -> dict[str, T]:
    if any(re.fullmatch(SYSTEM, system) is None for system in ids):
        raise PydanticCustomError(
            "external_system_invalid", "A system is named by lower-case letters, digits and _"
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
