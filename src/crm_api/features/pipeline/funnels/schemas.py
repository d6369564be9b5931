from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from crm_api.features.pipeline.pipelines.schemas import PipelineId, StageId, StageKind
from crm_api.features.pipeline.quotas.schemas import DaysGathered
from crm_api.kit.money import MoneySum
from crm_api.kit.schema import OpenEnum
from crm_api.kit.times import CalendarDate
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId
from crm_api.platform.parties.schemas import Source
from crm_api.platform.users.schemas import UserId

Dimension = Literal["period", "owner_id", "source"]


class FunnelAsked(DaysGathered):
    """Which deals, when, and in which groups."""

    by: Annotated[
        list[Dimension],
        Field(
            max_length=3,
            description="A funnel for each period, owner or source, or for each "
            "combination of them; one for all, when not sent.",
        ),
    ] = []
    owner_id: Annotated[list[UserId], Field(max_length=50)] = []
    source: Annotated[list[Source], Field(max_length=50)] = []
    business_unit_id: Annotated[list[BusinessUnitId], Field(max_length=50)] = []
    under: Annotated[
        list[UnderId],
        Field(max_length=50, description="Of one of these units, or of one below it."),
    ] = []


class FunnelStage(BaseModel):
    """How many deals came to a stage, and what became of them."""

    period_on: Annotated[
        CalendarDate | None,
        Field(description="The first day of the period; null where none is asked for."),
    ]
    owner_id: Annotated[
        UserId | None,
        Field(description="Who had the deals then; null where none is asked for, or nobody had."),
    ]
    source: Annotated[
        str | None,
        Field(description="Where they came from; null where none is asked for, or known."),
    ]
    stage_id: StageId
    stage: Annotated[str, Field(description="Its code.", examples=["proposal"])]
    kind: Annotated[str, OpenEnum(StageKind)]
    entered: Annotated[
        int, Field(description="Deals that came to it, or went past it.", examples=[120])
    ]
    left: Annotated[int, Field(description="Deals that left it, or went past it.", examples=[97])]
    went_on: Annotated[
        int,
        Field(
            description="Of those that came: how many have come further since, to a later stage "
            "or to being won.",
            examples=[64],
        ),
    ]
    conversion: Annotated[
        str | None,
        Field(
            description="`went_on` of `entered`; null where none came, and at the end of the way.",
            examples=["0.5333"],
        ),
    ]
    median_seconds: Annotated[
        int | None,
        Field(
            description="Of the stays that ended: half took longer. Without those that went past.",
            examples=[432000],
        ),
    ]
    value: Annotated[
        MoneySum,
        Field(
            description="What the deals that came were worth as they came, by the rates then; the "
            "most, of one that came more than once."
        ),
    ]


class Funnel(BaseModel):
    """How deals went through the stages of a pipeline."""

    object: Literal["funnel"]
    pipeline_id: PipelineId
    from_on: CalendarDate
    until_on: CalendarDate
    stages: Annotated[
        list[FunnelStage],
        Field(description="In the order of the pipeline, group by group; up to 5,000."),
    ]
    more_stages: Annotated[bool, Field(description="Whether there are more: ask for fewer groups.")]


def days(asked: FunnelAsked, today: date) -> tuple[date, date]:
    """From which day, and until before which."""
    until = asked.until_on or date.fromordinal(today.toordinal() + 1)
    return asked.from_on or date.fromordinal(min(today, until).toordinal() - 365), until
