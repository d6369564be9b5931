import operator
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field, model_validator

from crm_api.kit.filters import OneOf, Where
from crm_api.kit.money import Money, MoneyIn
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, OpenEnum
from crm_api.kit.times import CalendarDate
from crm_api.kit.words import misfit, say
from crm_api.platform.business_units.criteria import Under
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId
from crm_api.platform.users.schemas import UserId

from .models import Quota
from .models import QuotaPeriod as QuotaPeriod
from .resource import QUOTA
from .rules import begins as begins
from .rules import next_of as next_of

QuotaId = Annotated[UUID, QUOTA.prefix]


def _above_zero(money: Money) -> Money:
    if money.value <= 0:
        raise misfit("amount_not_positive", say("Send an amount above zero"))
    return money


Target = Annotated[
    Money, AfterValidator(_above_zero), Field(description="In the tenant's currency.")
]
StartsOn = Annotated[
    CalendarDate, Field(description="The first day of the period.", examples=["2026-10-01"])
]


class QuotaCreate(Input):
    """For a user, a unit, a user in a unit, or without both for the whole group."""

    user_id: UserId | None = None
    business_unit_id: BusinessUnitId | None = None
    period: QuotaPeriod
    starts_on: StartsOn
    amount: Target


class QuotaUpdate(Input):
    """For another period, user or unit make another quota."""

    amount: Target | MISSING = MISSING


class QuotaRead(EntityRead):
    """What a user or a unit is to win in a period."""

    table = Quota

    id: QuotaId
    object: Literal["quota"]
    user_id: Annotated[UserId | None, Field(description="Who is to win it.")]
    business_unit_id: Annotated[BusinessUnitId | None, Field(description="Where.")]
    period: Annotated[str, OpenEnum(QuotaPeriod)]
    starts_on: StartsOn
    amount: Annotated[Money, MoneyIn("amount", "currency")]


class QuotaPage(Page[QuotaRead]):
    """One page of quotas."""


class QuotaQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    user_id: Annotated[list[UserId], Where("user_id"), Field(max_length=50)] = []
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    under: Annotated[
        list[UnderId],
        Under("business_unit_id"),
        Field(max_length=50, description="Of one of these units, or of one below it."),
    ] = []
    period: Annotated[list[QuotaPeriod], OneOf("period"), Field(max_length=10)] = []
    starts_on__gte: Annotated[CalendarDate | None, Where("starts_on", operator.ge)] = None
    starts_on__lt: Annotated[CalendarDate | None, Where("starts_on", operator.lt)] = None


class DaysGathered(Input):
    """Which days a report is about, and what they are gathered by."""

    from_on: Annotated[
        CalendarDate | None, Field(description="The first day; a year ago, when not sent.")
    ] = None
    until_on: Annotated[
        CalendarDate | None, Field(description="The day after the last; tomorrow, when not sent.")
    ] = None
    period: Annotated[
        QuotaPeriod, Field(description="What days are gathered by, with `by=period`.")
    ] = QuotaPeriod.month

    @model_validator(mode="after")
    def _goes_on(self) -> Self:
        if self.from_on and self.until_on and self.from_on >= self.until_on:
            raise misfit("until_before_from", say("`until_on` is after `from_on`"))
        return self
