"""What crosses the wire of definitions, and of the values that records carry."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, BaseModel, Field, WithJsonSchema
from typing_extensions import TypeAliasType

from crm_api.kit.filters import OneOf, Where
from crm_api.kit.forms import form
from crm_api.kit.kinds import Kind
from crm_api.kit.languages import Labels, LabelsPatch
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.resource import declared
from crm_api.kit.schema import EntityRead, Input, OpenEnum
from crm_api.kit.times import Timestamp
from crm_api.kit.words import misfit, say

from .models import CustomField, FieldState, Sensitivity
from .resource import CUSTOM_FIELD

CustomFieldId = Annotated[UUID, CUSTOM_FIELD.prefix]
KEY = "^[a-z][a-z0-9_]{0,39}$"
LANGUAGE = "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"
WIRE: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "maxLength": 2000},
        {"type": "boolean"},
        {"type": "integer", "minimum": -(2**53) + 1, "maximum": 2**53 - 1},
        {"type": "array", "items": {"type": "string", "maxLength": 2000}, "maxItems": 200},
    ]
}
ABOUT = (
    "By the kind of the field: a text, a decimal, a date, an instant, an option and an id are "
    "strings, several options are an array of them."
)


def _carries_custom(noun: str) -> str:
    known = sorted(word for word, resource in declared.items() if resource.custom)
    if noun not in known:
        raise misfit("noun_unknown", say("Send one of {choices}.", choices=", ".join(known)))
    return noun


Noun = Annotated[
    str,
    form(
        "^[a-z][a-z_]{0,39}$",
        say("Send a noun, such as customer."),
        description="What carries the values, such as customer or activity.",
        examples=["customer"],
        json_schema_extra={"format": "noun"},
    ),
    AfterValidator(_carries_custom),
]
Key = Annotated[
    str,
    form(
        KEY,
        say("Send lower-case letters, digits and _, a letter first."),
        description="The name of the values in `custom`; for life.",
        examples=["loyalty_tier"],
    ),
]
About = Annotated[str, Field(min_length=1, max_length=1000, examples=["As the ERP computes it."])]
Length = Annotated[int, Field(ge=1, le=2000, description="Of a text; an indexed one has 500.")]
OptionValue = Annotated[
    str,
    form(
        "^[0-9A-Za-z][0-9A-Za-z_.-]{0,59}$",
        say("Send letters, digits, _, . and -, a letter or digit first."),
        description="What records carry; for life.",
        examples=["gold"],
    ),
]


class Option(Input):
    """One of the values of a select."""

    value: OptionValue
    labels: Labels
    retired: Annotated[
        bool, Field(description="No longer offered; records that have it keep it.")
    ] = False


class OptionRead(BaseModel):
    """One of the values of a select."""

    value: Annotated[str, Field(examples=["gold"])]
    labels: Annotated[dict[str, str], Field(examples=[{"en": "Gold", "zh-CN": "金卡"}])]
    retired: bool


Options = Annotated[
    list[Option],
    Field(max_length=200, description="Of a select, in your order; retired, never removed."),
]
CustomValue = TypeAliasType(
    "CustomValue",
    Annotated[str | bool | int | list[str], WithJsonSchema({**WIRE, "description": ABOUT})],
)
Sent = Annotated[
    Any, WithJsonSchema({"anyOf": [*WIRE["anyOf"], {"type": "null"}], "description": ABOUT})
]
CustomPatch = Annotated[
    dict[str, Sent],
    Field(
        max_length=200,
        description="Values of the tenant's own fields, by their keys; null clears one. "
        "See `GET /v1/custom-fields`.",
        json_schema_extra={
            "propertyNames": {"pattern": KEY},
            "examples": [{"loyalty_tier": "gold", "shoe_size": 43}],
        },
    ),
]
Custom = Annotated[
    dict[str, CustomValue],
    Field(
        description="Values of the tenant's own fields, by their keys; a field without a value is "
        "not there.",
        examples=[{"loyalty_tier": "gold", "shoe_size": 43}],
    ),
]


class CustomFieldCreate(Input):
    """A field; `resource`, `key`, `kind`, `unique`, `indexed` and `reference_to` are for life."""

    resource: Noun
    key: Key
    kind: Kind
    labels: Labels
    description: About | None = None
    options: Options = []
    reference_to: Annotated[
        Noun | None, Field(description="Whose ids a reference holds; else null.")
    ] = None
    required: Annotated[
        bool, Field(description="New records need a value, and none loses its own.")
    ] = False
    unique: Annotated[
        bool, Field(description="No two live records have the same value; also `indexed`.")
    ] = False
    indexed: Annotated[
        bool, Field(description="Found fast by filters, however many records there are.")
    ] = False
    sensitivity: Annotated[
        Sensitivity, Field(description="All but `none` are hidden from masked keys.")
    ] = Sensitivity.none
    max_length: Length | None = None
    default: Annotated[
        Sent, Field(description="The value of new records that are sent without one.")
    ] = None


class CustomFieldUpdate(Input):
    """A JSON merge patch (RFC 7396). It binds the values that are written from then on."""

    labels: LabelsPatch | MISSING = MISSING
    description: About | MISSING | None = MISSING
    options: Options | MISSING = MISSING
    required: bool | MISSING = MISSING
    sensitivity: Sensitivity | MISSING = MISSING
    max_length: Length | MISSING | None = MISSING
    default: Sent | MISSING = MISSING


class CustomFieldRead(EntityRead):
    """A field that the tenant has defined for the records of a noun."""

    table = CustomField

    id: CustomFieldId
    object: Literal["custom_field"]
    resource: Annotated[str, Field(examples=["customer"])]
    key: Annotated[str, Field(examples=["loyalty_tier"])]
    kind: Annotated[str, OpenEnum(Kind)]
    state: Annotated[str, OpenEnum(FieldState)]
    labels: Annotated[dict[str, str], Field(examples=[{"en": "Loyalty tier"}])]
    description: Annotated[str | None, Field(examples=["As the ERP computes it."])]
    options: list[OptionRead]
    reference_to: Annotated[str | None, Field(examples=[None])]
    required: bool
    unique: bool
    indexed: bool
    sensitivity: Annotated[str, OpenEnum(Sensitivity)]
    max_length: Annotated[int | None, Field(examples=[None])]
    default: Annotated[CustomValue | None, Field(examples=[None])]
    retired_at: Annotated[Timestamp | None, Field(examples=[None])]
    purged_records: Annotated[
        int, Field(description="How many records have lost their value to a purge.", examples=[0])
    ]


class CustomFieldPage(Page[CustomFieldRead]):
    """One page of custom fields."""


class CustomFieldQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    resource: Annotated[list[Noun], Where("resource"), Field(max_length=50)] = []
    state: Annotated[list[FieldState], OneOf("state"), Field(max_length=10)] = [FieldState.live]


class CustomFieldPurge(BaseModel):
    """What a purge has done so far."""

    object: Literal["custom_field_purge"]
    custom_field_id: CustomFieldId
    purged_records: Annotated[
        int, Field(description="How many records have lost their value, in all.", examples=[250])
    ]
    complete: Annotated[
        bool, Field(description="Whether the field is gone; until then, purge again.")
    ]
