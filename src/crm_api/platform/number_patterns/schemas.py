from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field

from crm_api.kit.filters import Where
from crm_api.kit.forms import form
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, OpenEnum
from crm_api.kit.words import misfit, say
from crm_api.platform.business_units.schemas import BusinessUnitId

from .models import NumberPattern, Restarts
from .registry import BUILT_IN
from .resource import NUMBER_PATTERN
from .rules import MOST, check_tokens

NumberPatternId = Annotated[UUID, NUMBER_PATTERN.prefix]
ORDER = "SO-{unit}-{yyyy}{mm}-{n:5}"
WRITTEN = (
    "Signs that stand in each number as they are, and in braces: `{unit}`, the code of the "
    "document's unit; `{yyyy}` or `{yy}`, `{mm}` and `{dd}`, the day in the time zone of the unit; "
    "and once `{n}`, the running number, or `{n:1}` to `{n:10}`, filled up with zeros to so many "
    f"digits. No number may come to more than {MOST} characters."
)


def _numbered(noun: str) -> str:
    if noun not in BUILT_IN:
        choices = ", ".join(sorted(BUILT_IN))
        raise misfit("noun_unknown", say("Send one of {choices}.", choices=choices))
    return noun


Noun = Annotated[
    str,
    Field(
        max_length=40,
        description="What is numbered.",
        examples=["order"],
        json_schema_extra={"enum": list(BUILT_IN)},
    ),
    AfterValidator(_numbered),
]
OfUnit = Annotated[
    BusinessUnitId,
    Field(description="The unit that it is for, and those below; null for the whole group."),
]
Pattern = Annotated[
    str,
    form(
        r"^[!-~\u3008-\u3011\u3014-\u301b\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff5e]{1,120}$",
        say("Send letters, digits and signs of ASCII, and Chinese characters, without spaces."),
        description=WRITTEN,
        examples=[ORDER],
        json_schema_extra={"format": "number-pattern"},
    ),
    AfterValidator(check_tokens),
]
Begins = Annotated[
    Restarts,
    Field(
        description="When the running number begins at 1 again; the pattern then says of which "
        "period a number is."
    ),
]


class NumberPatternCreate(Input):
    noun: Noun
    business_unit_id: OfUnit | None = None
    pattern: Pattern
    restarts: Begins = Restarts.never


class NumberPatternUpdate(Input):
    """For another noun or unit make another pattern."""

    pattern: Pattern | MISSING = MISSING
    restarts: Begins | MISSING = MISSING


class NumberPatternRead(EntityRead):
    """How documents of a kind are numbered."""

    table = NumberPattern

    id: NumberPatternId
    object: Literal["number_pattern"]
    noun: Annotated[
        str,
        Field(
            description="What is numbered.",
            examples=["order"],
            json_schema_extra={"x-extensible-enum": list(BUILT_IN)},
        ),
    ]
    business_unit_id: Annotated[
        BusinessUnitId | None,
        Field(description="The unit that it is for, and those below; null for the whole group."),
    ]
    pattern: Annotated[str, Field(description=WRITTEN, examples=[ORDER])]
    restarts: Annotated[
        str,
        OpenEnum(Restarts),
        Field(description="When the running number begins at 1 again."),
    ]


class NumberPatternPage(Page[NumberPatternRead]):
    """One page of number patterns."""


class NumberPatternQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    noun: Annotated[list[Noun], Where("noun"), Field(max_length=50)] = []
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
