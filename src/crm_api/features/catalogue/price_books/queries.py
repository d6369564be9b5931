"""Which price books there are, and which are in force."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, Date, FromClause, and_, bindparam, or_

from crm_api.features.customers.schemas import CustomerId
from crm_api.features.profiles.grade_schemes.schemas import GradeCode
from crm_api.kit.filters import Form, OneOf, Plain, Where
from crm_api.kit.money import Currency
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.search import Found, SearchText
from crm_api.kit.times import CalendarDate
from crm_api.platform.business_units.schemas import BusinessUnitId

from .models import PriceBookState
from .schemas import Code, PriceBookId, PriceBookRead

Sort = Literal["created_at", "-created_at", "name", "-name"]


@dataclass(frozen=True, slots=True)
class InForceOn(Plain):
    """Rows that have begun by a day, if they begin at all, and end after it, if at all."""

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        begins, ends = table.c.valid_from_on, table.c.valid_until_on
        day = bindparam(name, type_=Date())
        return and_(or_(begins <= day, begins.is_(None)), or_(ends > day, ends.is_(None)))


class PriceBookPage(Page[PriceBookRead]):
    """One page of price books."""


class PriceBookQuery(ListQuery):
    sorts = {"name": "sort_name"}

    sort: Annotated[list[Sort], Field(min_length=1, max_length=2)] = ["-created_at"]
    q: Annotated[
        SearchText | None,
        Found("price_books"),
        Field(description="Parts of names, pinyin and codes."),
    ] = None
    state: Annotated[list[PriceBookState], OneOf("state"), Field(max_length=10)] = [
        PriceBookState.live
    ]
    code: Annotated[list[Code], Where("code"), Field(max_length=50)] = []
    currency: Annotated[list[Currency], Where("currency"), Field(max_length=50)] = []
    parent_id: Annotated[list[PriceBookId], Where("parent_id"), Field(max_length=50)] = []
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    grade: Annotated[list[GradeCode], Where("grade"), Field(max_length=50)] = []
    customer_id: Annotated[list[CustomerId], Where("customer_id"), Field(max_length=50)] = []
    in_force_on: Annotated[
        CalendarDate | None,
        InForceOn(),
        Field(description="Those that are in force on this day."),
    ] = None
