from typing import Annotated, Literal

from pydantic import BaseModel, Field

from crm_api.features.pipeline.pipelines.schemas import PipelineId
from crm_api.features.pipeline.quotas.schemas import QuotaPeriod
from crm_api.kit.money import MoneySum
from crm_api.kit.schema import Input, OpenEnum
from crm_api.kit.times import CalendarDate
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId
from crm_api.platform.users.schemas import UserId

Dimension = Literal["owner_id", "business_unit_id"]


class ForecastAsked(Input):
    """Of which periods, whose deals, and in which groups."""

    period: QuotaPeriod = QuotaPeriod.month
    from_on: Annotated[
        CalendarDate | None,
        Field(description="In the first period; in the one of today, when not sent."),
    ] = None
    periods: Annotated[int, Field(ge=1, le=36, description="How many, one after another.")] = 3
    by: Annotated[
        list[Dimension],
        Field(max_length=2, description="For each owner, unit, or both; for all, when not sent."),
    ] = []
    pipeline_id: Annotated[list[PipelineId], Field(max_length=50)] = []
    owner_id: Annotated[list[UserId], Field(max_length=50)] = []
    business_unit_id: Annotated[list[BusinessUnitId], Field(max_length=50)] = []
    under: Annotated[
        list[UnderId],
        Field(max_length=50, description="Of one of these units, or of one below it."),
    ] = []


class ForecastRow(BaseModel):
    """What a period may bring, and has brought."""

    period_on: Annotated[CalendarDate, Field(description="The first day of the period.")]
    owner_id: Annotated[
        UserId | None, Field(description="Null where none is asked for, or nobody has the deals.")
    ]
    business_unit_id: Annotated[
        BusinessUnitId | None, Field(description="Null where none is asked for.")
    ]
    open_deals: Annotated[
        int, Field(description="To be closed in it; those that are late, today.", examples=[12])
    ]
    open: Annotated[MoneySum, Field(description="What they are worth, by today's rates.")]
    weighted: Annotated[MoneySum, Field(description="The same, each by its probability.")]
    closed_deals: Annotated[int, Field(description="Won in it.", examples=[5])]
    closed: Annotated[
        MoneySum,
        Field(description="What those were worth, by the rates of their days: it stays so."),
    ]
    forecast: Annotated[MoneySum, Field(description="`weighted` and `closed` together.")]
    quota: Annotated[
        MoneySum | None,
        Field(
            description="What was to be won in just this period: by owner the quotas of the user, "
            "by unit those of the unit itself, by both those of the user there, by neither that of "
            "the group."
        ),
    ]


class Unconverted(BaseModel):
    """Open deals in a currency of which no rate is in force: they are not among the figures."""

    deals: Annotated[int, Field(examples=[2])]
    amount: MoneySum


class Forecast(BaseModel):
    """What open deals may bring, period by period, beside what was won and what was to be won."""

    object: Literal["forecast"]
    period: Annotated[str, OpenEnum(QuotaPeriod)]
    as_of_on: Annotated[CalendarDate, Field(description="Today, whose rates are used.")]
    rows: Annotated[
        list[ForecastRow], Field(description="By period, then by owner and unit; up to 5,000.")
    ]
    more_rows: Annotated[bool, Field(description="Whether there are more: ask for fewer groups.")]
    undated_deals: Annotated[
        int, Field(description="Open deals without a day to be closed, in no period.", examples=[3])
    ]
    unconverted: list[Unconverted]
