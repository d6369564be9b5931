"""Which rates there are, and which are in force on a day."""

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import CTE, Date, FromClause, bindparam, select, true, tuple_

from crm_api.kit.filters import Form, Where
from crm_api.kit.money import Currency
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.statement import TENANT, number
from crm_api.kit.times import CalendarDate

from .schemas import ExchangeRateRead

Sort = Literal["valid_from_on", "-valid_from_on", "created_at", "-created_at"]


@dataclass(frozen=True, slots=True)
class InForceOn:
    """Of each pair the latest rate that has begun by a day: from pair to pair by the index."""

    def rows(self, table: FromClause, name: str) -> FromClause:
        pair, rate = _pairs(table), table.alias("rate")
        begun = rate.c.valid_from_on <= bindparam(name, type_=Date())
        same = (rate.c.currency == pair.c.currency, rate.c.base_currency == pair.c.base_currency)
        mine = select(rate).where(rate.c.tenant_id == TENANT, *same, begun)
        latest = mine.order_by(rate.c.valid_from_on.desc()).limit(number(1)).lateral("latest")
        return select(latest).select_from(pair.join(latest, true())).subquery("in_force")

    def form(self, value: Any) -> Form:
        return True

    def values(self, name: str, value: Any, tenant: UUID) -> Mapping[str, Any]:
        return {name: value}


def _pairs(table: FromClause) -> CTE:
    """Each pair once: the first one, and from each the next one."""
    rate = table.alias("other")
    pair = (rate.c.currency, rate.c.base_currency)
    one = select(*pair).where(rate.c.tenant_id == TENANT).order_by(*pair).limit(number(1))
    pairs = one.cte("pairs", recursive=True)
    later = tuple_(*pair) > tuple_(pairs.c.currency, pairs.c.base_currency)
    following = one.where(later).lateral("following")
    return pairs.union_all(select(following).select_from(pairs.join(following, true())))


class ExchangeRatePage(Page[ExchangeRateRead]):
    """One page of exchange rates."""


class ExchangeRateQuery(ListQuery):
    sort: list[Sort] = ["-valid_from_on"]
    currency: Annotated[list[Currency], Where("currency"), Field(max_length=50)] = []
    base_currency: Annotated[list[Currency], Where("base_currency"), Field(max_length=50)] = []
    valid_from_on__gte: Annotated[CalendarDate | None, Where("valid_from_on", operator.ge)] = None
    valid_from_on__lt: Annotated[CalendarDate | None, Where("valid_from_on", operator.lt)] = None
    in_force_on: Annotated[
        CalendarDate | None,
        InForceOn(),
        Field(description="Of each pair of currencies the one rate that is in force on this day."),
    ] = None
