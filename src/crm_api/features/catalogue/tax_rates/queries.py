"""Which tax rates there are, and which are in force on a day."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, Date, FromClause, and_, bindparam, or_

from crm_api.kit.filters import Form, Plain, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.times import CalendarDate

from .schemas import Region, TaxClass, TaxRateRead


def in_force(rates: FromClause, day: ColumnElement[object]) -> ColumnElement[bool]:
    until = rates.c.valid_until_on
    return and_(rates.c.valid_from_on <= day, or_(until > day, until.is_(None)))


@dataclass(frozen=True, slots=True)
class InForceOn(Plain):
    """Rates that have begun by a day and end after it, if at all."""

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        return in_force(table, bindparam(name, type_=Date()))


class TaxRatePage(Page[TaxRateRead]):
    """One page of tax rates."""


class TaxRateQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    tax_class: Annotated[list[TaxClass], Where("tax_class"), Field(max_length=50)] = []
    region: Annotated[
        list[Region],
        Where("region"),
        Field(max_length=50, description="These regions alone, and not what is part of them."),
    ] = []
    in_force_on: Annotated[
        CalendarDate | None,
        InForceOn(),
        Field(description="Those that are in force on this day."),
    ] = None
