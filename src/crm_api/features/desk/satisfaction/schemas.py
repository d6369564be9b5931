from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from crm_api.features.desk.terms.schemas import TYPE, TicketType
from crm_api.features.pipeline.quotas.schemas import DaysGathered
from crm_api.kit.times import CalendarDate
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId
from crm_api.platform.users.schemas import UserId

Dimension = Literal["period", "business_unit_id", "assignee_id", "type"]


class SatisfactionAsked(DaysGathered):
    """Which ratings, when, and in which groups."""

    by: Annotated[
        list[Dimension],
        Field(
            max_length=4,
            description="Figures for each period, unit, assignee or type of ticket, or for each "
            "combination of them; one for all, when not sent.",
        ),
    ] = []
    business_unit_id: Annotated[list[BusinessUnitId], Field(max_length=50)] = []
    under: Annotated[
        list[UnderId],
        Field(max_length=50, description="Of one of these units, or of one below it."),
    ] = []
    assignee_id: Annotated[list[UserId], Field(max_length=50)] = []
    type: Annotated[list[TicketType], Field(max_length=10)] = []


class SatisfactionGroup(BaseModel):
    """How satisfied some customers are."""

    period_on: Annotated[
        CalendarDate | None,
        Field(description="The first day of the period; null where none is asked for."),
    ]
    business_unit_id: Annotated[
        BusinessUnitId | None,
        Field(description="The unit that served; null where none is asked for."),
    ]
    assignee_id: Annotated[
        UserId | None,
        Field(description="Who had the tickets; null where none is asked for, or nobody had."),
    ]
    type: Annotated[
        str | None, TYPE, Field(description="Of the tickets; null where none is asked for.")
    ]
    asked: Annotated[
        int, Field(description="How many were asked, by the link or by telephone.", examples=[200])
    ]
    answered: Annotated[int, Field(description="How many of them have answered.", examples=[84])]
    response_rate: Annotated[str, Field(description="`answered` of `asked`.", examples=["0.4200"])]
    rated: Annotated[
        int, Field(description="Answers that say how satisfied customers are.", examples=[80])
    ]
    csat: Annotated[
        str | None,
        Field(
            description="Of these the part with 4 or 5 of 5; null where there are none.",
            examples=["0.9125"],
        ),
    ]
    recommended: Annotated[
        int,
        Field(description="Answers that say how likely customers recommend us.", examples=[4]),
    ]
    nps: Annotated[
        str | None,
        Field(
            description="Of these the percentage of promoters (9 or 10) less that of detractors "
            "(up to 6), from -100 to 100; null where there are none.",
            examples=["25.0"],
        ),
    ]


class Satisfaction(BaseModel):
    """How satisfied customers are with what was done for them."""

    object: Literal["satisfaction"]
    from_on: CalendarDate
    until_on: CalendarDate
    groups: Annotated[
        list[SatisfactionGroup],
        Field(description="In the order of what they are gathered by; up to 5,000."),
    ]
    more_groups: Annotated[bool, Field(description="Whether there are more: ask for fewer groups.")]


def days(asked: SatisfactionAsked, today: date) -> tuple[date, date]:
    """From which day, and until before which."""
    until = asked.until_on or date.fromordinal(today.toordinal() + 1)
    return asked.from_on or date.fromordinal(min(today, until).toordinal() - 365), until
