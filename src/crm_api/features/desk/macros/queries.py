"""Which macros there are."""

from typing import Annotated, Literal

from pydantic import Field

from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.search import Found, SearchText
from crm_api.platform.business_units.schemas import BusinessUnitId

from .models import MacroState
from .schemas import MacroRead

Sort = Literal["name", "-name", "created_at", "-created_at"]


class MacroPage(Page[MacroRead]):
    """One page of macros."""


class MacroQuery(ListQuery):
    sorts = {"name": "sort_name"}

    sort: Annotated[list[Sort], Field(min_length=1, max_length=2)] = ["name"]
    q: Annotated[
        SearchText | None, Found("macros"), Field(description="Parts of names and pinyin.")
    ] = None
    state: Annotated[list[MacroState], OneOf("state"), Field(max_length=10)] = [MacroState.live]
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
