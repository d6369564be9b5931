"""`POST /v1/.../aggregate`: records counted and summed up in groups, as it crosses the wire."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from . import tree
from .schema import Input
from .times import TimeZone
from .tree import FieldName

GROUPS, METRICS, MOST = 3, 10, 1000


class Period(StrEnum):
    day = "day"
    week = "week"
    month = "month"
    quarter = "quarter"
    year = "year"


class Reckon(StrEnum):
    count_ = "count"
    count_distinct = "count_distinct"
    sum = "sum"
    avg = "avg"
    min = "min"
    max = "max"


class Metric(Input):
    """One figure of each group. `count` counts records, or those with a value in `field`."""

    op: Reckon
    field: FieldName | None = None

    @property
    def name(self) -> str:
        return f"{self.op}_{self.field}" if self.field else self.op


COUNT = Metric(op=Reckon.count_)


class Aggregate(Input):
    """A question about many records at once."""

    filter: Annotated[
        tree.Filter | None,
        Field(description="Which records; all, when not sent. See the how-to on filters."),
    ] = None
    group_by: Annotated[
        list[FieldName],
        Field(max_length=GROUPS, description="Fields of one value; all records, when empty."),
    ] = []
    metrics: Annotated[list[Metric], Field(min_length=1, max_length=METRICS)] = [COUNT]
    period: Annotated[
        Period | None,
        Field(description="What dates and times in `group_by` are gathered by."),
    ] = None
    time_zone: Annotated[
        TimeZone | None, Field(description="Where days begin; the tenant's, when not sent.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=MOST, description="How many groups, at most.")] = 100


class Figures(BaseModel):
    """A group: what its records have in common, and its figures."""

    group: Annotated[
        dict[str, str | int | bool | None],
        Field(
            description="The values of `group_by`. A period is told by its first day; a week "
            "begins on a Monday.",
            examples=[{"source": "shop", "created_at": "2026-11-01"}],
        ),
    ]
    metrics: Annotated[
        dict[str, str | int | None],
        Field(
            description="By their names: `count`, `sum_custom.ltv`. Counts are numbers, sums and "
            "averages decimals as text. Null where no record has a value.",
            examples=[{"count": 12}],
        ),
    ]


class AggregateAnswer(BaseModel):
    """Groups, the largest first: by the first metric, then by their values."""

    object: Literal["aggregate"]
    groups: list[Figures]
    more_groups: Annotated[bool, Field(description="Whether there are more than `limit`.")]
