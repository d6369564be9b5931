from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, BaseModel, Field

from crm_api.kit.forms import form
from crm_api.kit.languages import Labels
from crm_api.kit.schema import EntityRead, Input, Line, live_or_archived
from crm_api.kit.words import misfit, say
from crm_api.platform.business_units.schemas import BusinessUnitId

from .models import GradeScheme, GradeSchemeState
from .resource import GRADE_SCHEME

GradeSchemeId = Annotated[UUID, GRADE_SCHEME.prefix]
Name = Annotated[Line, Field(max_length=200, examples=["Retail customers"])]
GradeCode = Annotated[
    str,
    form(
        "^[0-9A-Za-z][0-9A-Za-z_+-]{0,19}$",
        say("Send letters, digits, _, + and -, a letter or digit first."),
        description="What unit profiles carry.",
        examples=["A"],
    ),
]
Rank = Annotated[int, Field(ge=1, le=1000, description="1 is the best.", examples=[1])]
OfUnit = Annotated[
    BusinessUnitId,
    Field(description="The unit that it is for, and those below; null for the whole group."),
]


class Grade(Input):
    """One of the grades that customers may be given."""

    code: GradeCode
    labels: Labels
    rank: Rank


def _in_order(grades: list[Grade]) -> list[Grade]:
    for values in ([grade.code for grade in grades], [grade.rank for grade in grades]):
        if len(set(values)) < len(values):
            raise misfit("grade_repeated", say("Each grade has a code and a rank of its own"))
    return sorted(grades, key=lambda grade: grade.rank)


Grades = Annotated[
    list[Grade],
    Field(min_length=1, max_length=50, description="Kept in the order of their ranks."),
    AfterValidator(_in_order),
]


class GradeSchemeCreate(Input):
    name: Name
    business_unit_id: OfUnit | None = None
    grades: Grades


class GradeSchemeUpdate(Input):
    """For another unit make another scheme."""

    name: Name | MISSING = MISSING
    grades: Grades | MISSING = MISSING


class GradeRead(BaseModel):
    """One of the grades that customers may be given."""

    code: Annotated[str, Field(description="What unit profiles carry.", examples=["A"])]
    labels: Annotated[
        dict[str, str],
        Field(description="For people, by BCP 47 language.", examples=[{"zh-CN": "重点客户"}]),
    ]
    rank: Annotated[int, Field(description="1 is the best.", examples=[1])]


class GradeSchemeRead(EntityRead):
    """The grades that units may give to their customers, best first."""

    table = GradeScheme

    id: GradeSchemeId
    object: Literal["grade_scheme"]
    name: Annotated[str, Field(examples=["Retail customers"])]
    business_unit_id: Annotated[
        BusinessUnitId | None,
        Field(description="The unit that it is for, and those below; null for the whole group."),
    ]
    grades: list[GradeRead]
    state: Annotated[str, live_or_archived(GradeSchemeState)]
